using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LlmObserve.Api.Events;

/// <summary>What comes in, and what becomes of it; docs/telemetry.md says what each is for.</summary>
internal sealed class IngestMetrics
{
    /// <summary>The request was taken: whatever its events are, the answer says it.</summary>
    public const string Accepted = "accepted";

    /// <summary>No answer: the client has gone, or something broke.</summary>
    public const string Aborted = "aborted";

    // From one small event to a body of 64 MiB that comes slowly.
    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private readonly Counter<long> _received;
    private readonly Counter<long> _recorded;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _filtered;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _unpriced;
    private readonly Histogram<double> _duration;

    public IngestMetrics(IMeterFactory meters, IngestMemory memory)
    {
        var meter = meters.Create(ApiComposition.MeterName);
        _received = Counter("received", "Events that were read");
        _recorded = Counter("recorded", "Events that are durable and counted now");
        _skipped = Counter("skipped", "Events whose id was recorded before");
        _filtered = Counter("filtered", "Events that the provider did not charge");
        _rejected = Counter("rejected", "Events with faults");
        _unpriced = Counter("unpriced", "Events that the price book could not price, which keep the client's figure");
        _duration = meter.CreateHistogram("llmobserve.ingest.duration", "s", "A request with events, from its headers to its answer, by outcome", advice: s_seconds);
        meter.CreateObservableGauge("llmobserve.ingest.memory", () => memory.UsedBytes, "By", "What the bodies that are being read take");

        Counter<long> Counter(string name, string description) => meter.CreateCounter<long>($"llmobserve.events.{name}", "{event}", description);
    }

    /// <summary>A chunk of a body is durable.</summary>
    public void Recorded(long created, long skipped)
    {
        Add(_recorded, created);
        Add(_skipped, skipped);
    }

    /// <summary>A body is over, at its end or before.</summary>
    public void Read(EventStream events, EventFaults faults)
    {
        Add(_received, events.Received);
        Add(_filtered, events.Filtered);
        Add(_rejected, faults.Count);
        Add(_unpriced, events.Unpriced);
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("llmobserve.events.received", events.Received);
            span.SetTag("llmobserve.events.rejected", faults.Count);
        }
    }

    /// <summary>A request has its answer.</summary>
    /// <param name="outcome"><see cref="Accepted"/>, <see cref="Aborted"/>, or the problem's code.</param>
    /// <param name="duration">From its headers on.</param>
    public void Ended(string outcome, TimeSpan duration) =>
        _duration.Record(duration.TotalSeconds, KeyValuePair.Create("outcome", (object?)outcome));

    private static void Add(Counter<long> counter, long events)
    {
        if (events > 0)
        {
            counter.Add(events);
        }
    }
}
