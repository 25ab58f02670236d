using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Storage.Tests.Stats;

public sealed class LatencyEstimateTests
{
    [Fact]
    public void Percentile_NoCalls_IsNull() => Assert.Null(LatencyEstimate.PercentileMs(new long[LatencyHistogram.BucketCount], 50));

    [Fact]
    public void Percentile_OneBucket_LiesWithinItByRank()
    {
        var calls = new long[LatencyHistogram.BucketCount];
        calls[LatencyHistogram.BucketOf(200)] = 100;

        // The bucket is (100, 250].
        Assert.Equal(175, LatencyEstimate.PercentileMs(calls, 50));
        Assert.Equal(243, LatencyEstimate.PercentileMs(calls, 95));
        Assert.Equal(250, LatencyEstimate.PercentileMs(calls, 100));
    }

    [Fact]
    public void Percentile_BeyondTheLastEdge_IsThatEdge()
    {
        var calls = new long[LatencyHistogram.BucketCount];
        calls[^1] = 3;

        Assert.Equal(60_000, LatencyEstimate.PercentileMs(calls, 95));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Percentile_RandomCalls_LiesInTheBucketOfTheTrueOne(int seed)
    {
        var random = new Random(seed);
        var latencies = Enumerable.Range(0, 1000).Select(_ => (int)Math.Pow(10, random.NextDouble() * 5.2)).Order().ToArray();
        var calls = new long[LatencyHistogram.BucketCount];
        foreach (var latency in latencies)
        {
            calls[LatencyHistogram.BucketOf(latency)]++;
        }

        foreach (var percent in new[] { 1, 50, 95, 99, 100 })
        {
            var estimate = LatencyEstimate.PercentileMs(calls, percent)!.Value;
            var truth = latencies[(latencies.Length * percent / 100) - 1];

            // At a bucket's edge the estimate may be the edge itself.
            var bucket = LatencyHistogram.BucketOf(truth);
            var lower = bucket == 0 ? 0 : LatencyHistogram.UpperEdgesMs[bucket - 1];
            var upper = bucket == LatencyHistogram.UpperEdgesMs.Length ? lower : LatencyHistogram.UpperEdgesMs[bucket];
            Assert.InRange(estimate, lower, upper);
        }
    }
}
