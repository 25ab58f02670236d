using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Caps;

/// <summary>
/// One cap: running totals and thresholds of its period, and its alerts. It follows its account's ledger by deltas; the account itself
/// decides. The key is the cap id.
/// </summary>
[Alias("llmobserve.cap")]
public interface ICapGrain : IGrainWithStringKey
{
    /// <summary>
    /// Applies one commit. At or below what it has applied: dropped. A gap or a new epoch: total and sequence are reloaded in one snapshot.
    /// A threshold crossed by it is on record when this returns.
    /// </summary>
    [Alias("apply")]
    Task ApplyAsync(CapDelta delta);

    /// <summary>Reads definition, total and sequence anew and puts every crossed threshold on record.</summary>
    [Alias("reload")]
    Task ReloadAsync();

    /// <summary>Spent in the current period, as of the sequence that this grain has applied.</summary>
    [Alias("progress")]
    Task<CapProgress> GetProgressAsync();
}

/// <summary>What one commit adds to one cap.</summary>
/// <param name="Epoch">The activation of the account that committed it.</param>
/// <param name="PreviousSeq">The sequence of the delta sent to this cap before, or the one at which that activation began.</param>
/// <param name="Seq">The account's sequence after the commit.</param>
/// <param name="Amounts">Spend per hour bucket.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-delta")]
public sealed record CapDelta(long Epoch, long PreviousSeq, long Seq, ImmutableArray<HourAmount> Amounts);

/// <summary>Spend in the hour bucket that begins at <paramref name="Hour"/> (UTC instant).</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.hour-amount")]
public readonly record struct HourAmount(DateTimeOffset Hour, Usd Amount);

/// <summary>How far a cap is.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-progress")]
public sealed record CapProgress(CapId Id, long Epoch, long Seq, DateTimeOffset PeriodStart, Usd Spent, DateTimeOffset? ExceededAt);
