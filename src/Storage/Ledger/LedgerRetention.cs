namespace LlmObserve.Storage.Ledger;

/// <summary>How long the ledger keeps its events.</summary>
public sealed record LedgerRetention
{
    /// <summary>
    /// A change of an account's time zone rebuilds its open periods from the events: a month, the day of the other zone around its start,
    /// and the week in which an event may arrive late.
    /// </summary>
    public static readonly TimeSpan LeastEvents = TimeSpan.FromDays(40);

    /// <summary>An event may land in the hours of the last seven days; one more for the zone's day around them.</summary>
    public static readonly TimeSpan HourCustomer = TimeSpan.FromDays(8);

    /// <summary>Enough to look into any call of the last quarter.</summary>
    private static readonly TimeSpan s_defaultEvents = TimeSpan.FromDays(100);

    /// <summary>Events received longer ago than this go, a week at a time. The rollups stay.</summary>
    public TimeSpan Events
    {
        get;
        init => field = value >= LeastEvents
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Events are kept at least {LeastEvents.TotalDays} days.");
    } = s_defaultEvents;
}
