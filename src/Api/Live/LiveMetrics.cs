using System.Diagnostics.Metrics;

namespace LlmObserve.Api.Live;

/// <summary>Streams of changes; docs/telemetry.md says what each is for.</summary>
internal sealed class LiveMetrics
{
    private readonly UpDownCounter<long> _streams;
    private readonly UpDownCounter<long> _watches;
    private readonly Counter<long> _messages;

    public LiveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ApiComposition.MeterName);
        _streams = meter.CreateUpDownCounter<long>("llmobserve.live.streams", "{stream}", "Open streams of changes");
        _watches = meter.CreateUpDownCounter<long>("llmobserve.live.watches", "{account}", "Accounts that have any");
        _messages = meter.CreateCounter<long>("llmobserve.live.messages", "{message}", "Changes that were sent to streams");
    }

    public void Opened() => _streams.Add(1);

    public void Closed() => _streams.Add(-1);

    public void Watching() => _watches.Add(1);

    public void Unwatched() => _watches.Add(-1);

    public void Sent() => _messages.Add(1);
}
