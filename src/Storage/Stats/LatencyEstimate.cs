using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Stats;

/// <summary>Reads percentiles off a <see cref="LatencyHistogram"/>.</summary>
public static class LatencyEstimate
{
    /// <summary>
    /// The latency, in milliseconds, that this percentage of the calls does not exceed: interpolated within its bucket as if the calls of a
    /// bucket lay evenly spread over it. In the last bucket, which has no upper edge, its lower edge: at least that long. Null where there are
    /// no calls.
    /// </summary>
    /// <param name="calls">Calls by bucket.</param>
    /// <param name="percent">Above 0, at most 100.</param>
    public static long? PercentileMs(ReadOnlySpan<long> calls, int percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        Int128 all = 0;
        foreach (var count in calls)
        {
            all += count;
        }

        if (all == 0)
        {
            return null;
        }

        // In hundredths of a call, so that all of it stays in whole numbers.
        var rank = all * percent;
        Int128 below = 0;
        for (var bucket = 0; bucket < calls.Length; bucket++)
        {
            var here = (Int128)calls[bucket] * 100;
            if (here > 0 && below + here >= rank)
            {
                var lower = bucket == 0 ? 0 : LatencyHistogram.UpperEdgesMs[bucket - 1];
                var upper = bucket < LatencyHistogram.UpperEdgesMs.Length ? LatencyHistogram.UpperEdgesMs[bucket] : lower;
                return lower + (long)(((upper - lower) * (rank - below) + (here / 2)) / here);
            }

            below += here;
        }

        throw new ArgumentOutOfRangeException(nameof(calls), "a histogram holds no negative counts");
    }
}
