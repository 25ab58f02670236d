using LlmObserve.Storage.Ledger;

namespace LlmObserve.Bench.Seeding;

/// <summary>What a row of a rollup has summed up.</summary>
internal sealed class Sums
{
    private readonly int[] _latency = new int[LatencyHistogram.BucketCount];

    public long Calls { get; private set; }

    public long Errors { get; private set; }

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    public long CostNanos { get; private set; }

    public long LatencyMs { get; private set; }

    public ReadOnlySpan<int> Latency => _latency;

    public void Add(in MixCall call)
    {
        Calls++;
        Errors += call.IsError ? 1 : 0;
        InputTokens += call.InputTokens;
        OutputTokens += call.OutputTokens;
        CostNanos += call.CostNanos;
        LatencyMs += call.LatencyMs;
        _latency[LatencyHistogram.BucketOf(call.LatencyMs)]++;
    }
}
