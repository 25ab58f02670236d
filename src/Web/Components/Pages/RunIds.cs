namespace LlmObserve.Web.Components.Pages;

/// <summary>Which texts may be the id of a run.</summary>
internal static class RunIds
{
    /// <summary>What the API answers at these addresses is no run.</summary>
    private static readonly string[] s_others = ["", ".", "..", "latest"];

    public static bool MayBe(string id) => !s_others.Contains(id);
}
