using System.Collections.Immutable;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// The fixed histogram of call latencies that every rollup keeps in its columns <c>latency_00</c> … <c>latency_13</c>. Column i counts the
/// calls that took longer than edge i − 1 and at most edge i; the last has no upper edge. A latency of 0 says that none was measured, and
/// is in no column.
/// </summary>
public static class LatencyHistogram
{
    /// <summary>
    /// Upper edges in milliseconds. They at most double or so from one to the next, from vector queries of ten milliseconds to answers
    /// of a minute: a percentile read within a bucket is off by far less than the difference that a reader acts on.
    /// </summary>
    public static readonly ImmutableArray<int> UpperEdgesMs =
        [10, 25, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

    /// <summary>How many counters there are: one for each edge, and one for what is slower.</summary>
    public static readonly int BucketCount = UpperEdgesMs.Length + 1;

    /// <summary>The columns of the rollups, in order.</summary>
    public static readonly ImmutableArray<string> Columns = [.. Enumerable.Range(0, BucketCount).Select(bucket => $"latency_{bucket:00}")];

    /// <summary>Which counter a call belongs to.</summary>
    public static int BucketOf(int latencyMs)
    {
        var edges = UpperEdgesMs.AsSpan();
        var at = edges.BinarySearch(latencyMs);
        return at >= 0 ? at : ~at;
    }
}
