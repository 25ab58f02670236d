namespace LlmObserve.Web.Components.Settings;

/// <summary>How long a key goes on beside the one that takes over from it.</summary>
internal static class Overlap
{
    public const long Day = 24 * Hour;

    private const long Hour = 3600;

    public static readonly IReadOnlyList<(long Seconds, string Name)> Choices =
    [
        (0, "no time: it has leaked"),
        (Hour, "an hour"),
        (Day, "a day"),
        (7 * Day, "a week"),
        (30 * Day, "30 days"),
    ];

    /// <summary>What becomes of the old key.</summary>
    public static string Sentence(long? seconds) => seconds == 0
        ? "The old key opens nothing any more."
        : $"The old key goes on for {Choices.FirstOrDefault(choice => choice.Seconds == (seconds ?? Day)).Name ?? "a while"}: replace it by then.";
}
