using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Holds;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>Priced events of one request. A resend carries the same events with their first time of receipt.</summary>
/// <param name="Events">What to record.</param>
/// <param name="ReleasedHolds">Holds of calls that are not recorded because the provider did not charge them: their amounts are free again.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.event-batch")]
public sealed record EventBatch(ImmutableArray<LedgerEvent> Events, ImmutableArray<HoldId> ReleasedHolds)
{
    /// <summary>Most events in one batch: it bounds a commit's size and a request's memory.</summary>
    public const int MaxEvents = 5_000;

    public EventBatch(ImmutableArray<LedgerEvent> events)
        : this(events, [])
    {
    }
}

/// <summary>How a batch ended.</summary>
public enum RecordOutcome
{
    /// <summary>Durable and counted in every cap.</summary>
    Recorded,

    /// <summary>The commit's reply was lost, or this activation was fenced: send the same batch again.</summary>
    SendAgain,

    /// <summary>The ledger cannot be written now; nothing of the batch is acknowledged.</summary>
    Unavailable,

    /// <summary>Too much is waiting for this account already; nothing was kept.</summary>
    Overloaded,

    /// <summary>The account's totals would not fit in 64 bits; nothing was kept, and sending it again cannot help.</summary>
    OutOfRange,
}

/// <summary>The answer to one batch.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Created">Events that were new.</param>
/// <param name="Skipped">Events whose id had been counted before, or stood twice in the batch.</param>
/// <param name="Holds">New events whose hold was not settled plainly.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.record-result")]
public sealed record RecordResult(RecordOutcome Outcome, int Created, int Skipped, ImmutableArray<HoldReport> Holds)
{
    /// <summary>Most holds in one answer: enough to see what is wrong, in a few kilobytes.</summary>
    public const int MaxHolds = 1_000;

    public static readonly RecordResult SendAgain = new(RecordOutcome.SendAgain, 0, 0, []);

    public static readonly RecordResult Unavailable = new(RecordOutcome.Unavailable, 0, 0, []);

    public static readonly RecordResult Overloaded = new(RecordOutcome.Overloaded, 0, 0, []);

    public static readonly RecordResult OutOfRange = new(RecordOutcome.OutOfRange, 0, 0, []);
}
