using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Caps;

/// <summary>What a cap is called: what it limits.</summary>
internal static class CapName
{
    public static string Of(CapAnswer cap)
    {
        var name = cap.CapType == "global" ? "All spend" : cap.TargetName ?? "";
        return cap.SubTarget is { } narrower ? $"{name} on {narrower}" : name;
    }

    /// <summary>Its kind and period: <c>customer, monthly</c>.</summary>
    public static string Kind(CapAnswer cap) => cap.CapType == "global" ? cap.Period : $"{cap.CapType}, {cap.Period}";
}
