namespace LlmObserve.Domain.Events;

/// <summary>The open <c>status</c> of an event.</summary>
public static class EventStatus
{
    /// <summary>The status of an event that names none.</summary>
    public const string Ok = "ok";

    /// <summary>
    /// Everything but <c>ok</c> counts as an error, words that are not known too: <c>error</c>, <c>cancelled</c>, <c>timeout</c>,
    /// <c>rate_limited</c>. An empty status is one that was not given.
    /// </summary>
    public static bool IsError(ReadOnlySpan<char> status)
    {
        var word = status.Trim();
        return !word.IsEmpty && !word.Equals(Ok, StringComparison.OrdinalIgnoreCase);
    }
}
