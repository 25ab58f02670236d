using System.Diagnostics.Metrics;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Grains.Holds;

/// <summary>What becomes of holds; docs/telemetry.md says what each is for.</summary>
internal sealed class HoldMetrics
{
    private readonly Counter<long> _granted;
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _events;
    private readonly Counter<long> _mismatches;
    private readonly Counter<long> _overruns;
    private readonly Counter<long> _overrunNanos;
    private readonly Counter<long> _writes;

    public HoldMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GrainsServices.MeterName);
        _granted = meter.CreateCounter<long>("llmobserve.holds.granted", "{hold}", "Holds that were granted");
        _open = meter.CreateUpDownCounter<long>("llmobserve.holds.open", "{hold}", "Holds that are open");
        _ended = meter.CreateCounter<long>("llmobserve.holds.ended", "{hold}", "Holds that ended, by how");
        _events = meter.CreateCounter<long>("llmobserve.holds.events", "{event}", "New events that name a hold, by what became of it");
        _mismatches = meter.CreateCounter<long>("llmobserve.holds.label_mismatches", "{event}", "Events that count in other caps than their holds did");
        _overruns = meter.CreateCounter<long>("llmobserve.holds.overruns", "{event}", "Events that cost more than was held for them");
        _overrunNanos = meter.CreateCounter<long>("llmobserve.holds.overrun", "nUSD", "What events cost above what was held for them, in nano-dollars");
        _writes = meter.CreateCounter<long>("llmobserve.holds.ceiling.writes", "{write}", "Writes of durable ceilings, by outcome");
    }

    internal void Granted()
    {
        _granted.Add(1);
        _open.Add(1);
    }

    /// <summary>An activation took over open holds, or left them to the next.</summary>
    internal void Moved(int holds) => _open.Add(holds);

    internal void Ended(HoldStatus status)
    {
        _open.Add(-1);
        _ended.Add(1, KeyValuePair.Create("how", (object?)status.ToWire()));
    }

    internal void Settled(HoldOutcome outcome, bool labelMismatch, Usd overrun)
    {
        _events.Add(1, KeyValuePair.Create("outcome", (object?)outcome.ToWire()));
        if (labelMismatch)
        {
            _mismatches.Add(1);
        }

        if (overrun > Usd.Zero)
        {
            _overruns.Add(1);
            _overrunNanos.Add(overrun.Nanos);
        }
    }

    internal void CeilingsWritten(string outcome) => _writes.Add(1, KeyValuePair.Create("outcome", (object?)outcome));
}
