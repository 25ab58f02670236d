namespace LlmObserve.Web.Components.Settings;

/// <summary>What a person calls the program that signed in: <c>Firefox on Linux</c>, for what it says of itself.</summary>
internal static class DeviceName
{
    /// <summary>What fits into a table.</summary>
    private const int MaxLength = 40;

    // The order matters: every browser says that it is several others too.
    private static readonly (string Sign, string Name)[] s_browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Sign, string Name)[] s_systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    public static string Of(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
        {
            return "a program without a name";
        }

        if (Find(s_browsers, userAgent) is not { } browser)
        {
            return userAgent.Length <= MaxLength ? userAgent : userAgent[..MaxLength] + "…";
        }

        return Find(s_systems, userAgent) is { } system ? $"{browser} on {system}" : browser;
    }

    private static string? Find((string Sign, string Name)[] known, string text) =>
        known.FirstOrDefault(pair => text.Contains(pair.Sign, StringComparison.Ordinal)).Name;
}
