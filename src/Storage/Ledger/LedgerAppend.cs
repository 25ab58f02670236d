using System.Collections.Immutable;
using System.Diagnostics;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Ledger;

/// <summary>An event with the buckets that its account's time zone gives it: the UTC instants at which its local hour and day begin.</summary>
public readonly record struct LedgerRow(LedgerEvent Event, DateTimeOffset Hour, DateTimeOffset Day)
{
    /// <summary>What it counts under by section: its path, or <see cref="SectionPaths.Others"/>.</summary>
    public string Section { get; init; } = Event.SectionPath;

    /// <summary>What the event's <c>hold_id</c> did; null where it names none.</summary>
    public SettledHold? Hold { get; init; }
}

/// <summary>What an event did to the hold that it names.</summary>
/// <param name="Outcome">Whether it settled it.</param>
/// <param name="Held">What was held; null where that is not known.</param>
/// <param name="LabelMismatch">The event counts in other caps than its hold did.</param>
/// <param name="Overruns">For each cap that the event counts in, where it cost more than was held.</param>
public sealed record SettledHold(HoldOutcome Outcome, Usd? Held, bool LabelMismatch, ImmutableArray<CapOverrun> Overruns);

/// <summary>What one call adds to a cap's overrun in the period that begins at <paramref name="PeriodStart"/> (UTC instant).</summary>
public readonly record struct CapOverrun(CapId Cap, DateTimeOffset PeriodStart, Usd Amount);

/// <summary>
/// One account's next batch. It lands only while the account's head still carries <paramref name="Epoch"/> and
/// <paramref name="ExpectedSeq"/>. All rows share one week of receipt; no id occurs twice.
/// </summary>
public sealed record LedgerAppend(AccountId Account, long Epoch, long ExpectedSeq, ImmutableArray<LedgerRow> Rows)
{
    /// <summary>The spans of the requests that it came from, where there are any.</summary>
    public ImmutableArray<ActivityContext> Origins { get; init; } = [];
}

/// <summary>How an append ended.</summary>
public enum AppendOutcome
{
    /// <summary>Durable: <see cref="AppendResult.Inserted"/> says which rows were new.</summary>
    Committed,

    /// <summary>The head carries another epoch or sequence: nothing was written, this activation must go.</summary>
    Fenced,

    /// <summary>The database refused and surely wrote nothing (for example it is down before the statement was sent, or the data is bad).</summary>
    Rejected,

    /// <summary>A total of the account would not fit in 64 bits. Nothing was written, and sending it again cannot help.</summary>
    OutOfRange,

    /// <summary>The connection broke or timed out after the statement was sent: it may or may not have landed.</summary>
    Unknown,
}

/// <summary>The answer to one <see cref="LedgerAppend"/>.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="LastSeq">The account's last sequence after it; meaningful for <see cref="AppendOutcome.Committed"/>.</param>
/// <param name="Inserted">For each row, in order, whether it was new; empty unless committed.</param>
/// <param name="Error">Why, where it was rejected or its outcome is unknown.</param>
public sealed record AppendResult(AppendOutcome Outcome, long LastSeq, ImmutableArray<bool> Inserted, Exception? Error = null);
