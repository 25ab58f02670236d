namespace LlmObserve.Mail;

/// <summary>How long a try takes at most, and what lies between two.</summary>
/// <param name="Send">One try: longer than servers take which check what they get, short enough that one which hangs holds up little.</param>
/// <param name="Waits">
/// Before each further try. The last are long enough for servers that turn an unknown sender away at first (greylisting: five minutes as a rule); all
/// end well before a link does.
/// </param>
/// <param name="Flush">What is left may take so long at shutdown: well inside of the 30 s that the host has for everything.</param>
internal sealed record MailTimes(TimeSpan Send, IReadOnlyList<TimeSpan> Waits, TimeSpan Flush)
{
    /// <summary>A fifth more or less, so that what failed together is not tried together.</summary>
    private const int JitterPercent = 20;

    public static MailTimes Default { get; } = new(
        TimeSpan.FromSeconds(30),
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)],
        TimeSpan.FromSeconds(5));

    /// <summary>How long to wait after the try of this number, from 1; null after the last.</summary>
    public TimeSpan? WaitAfter(int tries) => tries > Waits.Count
        ? null
        : TimeSpan.FromTicks(Waits[tries - 1].Ticks / 100 * Random.Shared.Next(100 - JitterPercent, 100 + JitterPercent + 1));
}
