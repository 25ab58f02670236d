using LlmObserve.Domain.Events;

namespace LlmObserve.Storage.Ledger;

/// <summary>What a row of a rollup is kept by. Labels that a rollup does not keep are empty.</summary>
/// <param name="Account">Ordinal of the account in its commit, from 1.</param>
/// <param name="TimeTicks">UTC ticks at which the bucket begins.</param>
internal readonly record struct RollupKey(
    int Account, long TimeTicks, CallKind Kind, string Customer, string Provider, string Model, string Agent)
{
    /// <summary>The section's path, where the rollup keeps it.</summary>
    public string Section { get; init; } = "";

    public DateTimeOffset Time => new(TimeTicks, TimeSpan.Zero);

    /// <summary>By account and time, then by the labels as the database orders them.</summary>
    public static int Compare(in RollupKey a, in RollupKey b)
    {
        var order = a.Account.CompareTo(b.Account);
        order = order != 0 ? order : a.TimeTicks.CompareTo(b.TimeTicks);
        order = order != 0 ? order : string.CompareOrdinal(a.Customer, b.Customer);
        order = order != 0 ? order : string.CompareOrdinal(a.Section, b.Section);
        order = order != 0 ? order : string.CompareOrdinal(a.Provider, b.Provider);
        order = order != 0 ? order : string.CompareOrdinal(a.Model, b.Model);
        order = order != 0 ? order : string.CompareOrdinal(a.Agent, b.Agent);
        return order != 0 ? order : a.Kind.CompareTo(b.Kind);
    }
}

/// <summary>What one commit adds to one row of a rollup.</summary>
internal sealed class RollupDelta(RollupKey key)
{
    public RollupKey Key { get; } = key;

    public long Calls { get; private set; }

    public long Errors { get; private set; }

    public long UnpricedCalls { get; private set; }

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    public long CachedTokens { get; private set; }

    public long CacheWriteTokens { get; private set; }

    public long ReasoningTokens { get; private set; }

    public long CostNanos { get; private set; }

    public long LatencyMsSum { get; private set; }

    /// <summary>Counters of <see cref="LatencyHistogram"/>.</summary>
    public int[] Latency { get; } = new int[LatencyHistogram.BucketCount];

    public void Add(LedgerEvent e)
    {
        checked
        {
            Calls++;
            Errors += e.IsError ? 1 : 0;
            UnpricedCalls += e.Unpriced ? 1 : 0;
            InputTokens += e.InputTokens;
            OutputTokens += e.OutputTokens;
            CachedTokens += e.CachedTokens;
            CacheWriteTokens += e.CacheWriteTokens;
            ReasoningTokens += e.ReasoningTokens;
            CostNanos += e.Cost.Nanos;
            LatencyMsSum += e.LatencyMs;
            if (e.LatencyMs > 0)
            {
                Latency[LatencyHistogram.BucketOf(e.LatencyMs)]++;
            }
        }
    }
}
