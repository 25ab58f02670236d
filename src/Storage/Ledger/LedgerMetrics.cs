using System.Diagnostics.Metrics;

namespace LlmObserve.Storage.Ledger;

/// <summary>What the ledger measures of itself; docs/telemetry.md says what each is for.</summary>
internal sealed class LedgerMetrics
{
    private readonly Counter<long> _appends;
    private readonly Histogram<double> _appendDuration;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _commitRows;
    private readonly Histogram<int> _commitAccounts;

    public LedgerMetrics(IMeterFactory meters, LedgerQueue queue)
    {
        var meter = meters.Create(StorageServices.MeterName);
        _appends = meter.CreateCounter<long>("llmobserve.ledger.appends", "{append}", "Batches that ended, by outcome");
        _appendDuration = meter.CreateHistogram(
            "llmobserve.ledger.append.duration", "s", "From a batch's arrival to its answer, the wait for its commit included", advice: Buckets.Seconds);
        _commitDuration = meter.CreateHistogram("llmobserve.ledger.commit.duration", "s", "One commit in the database, by outcome", advice: Buckets.Seconds);
        _commitRows = meter.CreateHistogram("llmobserve.ledger.commit.rows", "{row}", "Events in one commit", advice: Buckets.Counts);
        _commitAccounts = meter.CreateHistogram("llmobserve.ledger.commit.accounts", "{account}", "Accounts in one commit", advice: Buckets.Counts);
        meter.CreateObservableGauge("llmobserve.ledger.queue.batches", () => queue.Depth.Batches, "{batch}", "Batches that wait for their commit");
        meter.CreateObservableGauge("llmobserve.ledger.queue.size", () => queue.Depth.Bytes, "By", "About what the waiting batches take in memory");
    }

    /// <summary>A batch has its answer.</summary>
    public void Appended(string outcome, TimeSpan duration)
    {
        var tag = KeyValuePair.Create("outcome", (object?)outcome);
        _appends.Add(1, tag);
        _appendDuration.Record(duration.TotalSeconds, tag);
    }

    /// <summary>A commit is over, or could not begin.</summary>
    public void Committed(string outcome, TimeSpan duration, int rows, int accounts)
    {
        _commitDuration.Record(duration.TotalSeconds, KeyValuePair.Create("outcome", (object?)outcome));
        if (outcome == LedgerOutcomes.Committed)
        {
            _commitRows.Record(rows);
            _commitAccounts.Record(accounts);
        }
    }

    private static class Buckets
    {
        /// <summary>A commit takes a millisecond on a fast disk; a statement is given up after 30 s.</summary>
        public static readonly InstrumentAdvice<double> Seconds = new()
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        };

        /// <summary>Up to the largest commit.</summary>
        public static readonly InstrumentAdvice<int> Counts = new()
        {
            HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
        };
    }
}
