namespace LlmObserve.Domain.Holds;

/// <summary>Where a hold is in its life.</summary>
public enum HoldStatus
{
    /// <summary>Its amount counts as held.</summary>
    Open,

    /// <summary>An event took its place.</summary>
    Settled,

    /// <summary>Given back by its caller, or by an event that cost nothing.</summary>
    Released,

    /// <summary>Its time ran out.</summary>
    Expired,
}

/// <summary>What an event's <c>hold_id</c> did.</summary>
public enum HoldOutcome
{
    /// <summary>The event settled the hold: cost in, hold out, in one step.</summary>
    Settled,

    /// <summary>The hold had expired or been released before; the cost counts.</summary>
    Late,

    /// <summary>Another event had settled the hold before; the cost counts too.</summary>
    Again,

    /// <summary>The account knows no such hold, or no longer; the cost counts.</summary>
    Unknown,
}

/// <summary>The words of the wire and of the database.</summary>
public static class HoldWords
{
    public static string ToWire(this HoldStatus status) => status switch
    {
        HoldStatus.Open => "open",
        HoldStatus.Settled => "settled",
        HoldStatus.Released => "released",
        HoldStatus.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    public static string ToWire(this HoldOutcome outcome) => outcome switch
    {
        HoldOutcome.Settled => "settled",
        HoldOutcome.Late => "late",
        HoldOutcome.Again => "again",
        HoldOutcome.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    public static bool TryParseOutcome(string? word, out HoldOutcome outcome)
    {
        (var known, outcome) = word switch
        {
            "settled" => (true, HoldOutcome.Settled),
            "late" => (true, HoldOutcome.Late),
            "again" => (true, HoldOutcome.Again),
            "unknown" => (true, HoldOutcome.Unknown),
            _ => (false, default),
        };
        return known;
    }
}
