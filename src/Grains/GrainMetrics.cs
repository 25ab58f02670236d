using System.Diagnostics.Metrics;

namespace LlmObserve.Grains;

/// <summary>What the grains measure of themselves; docs/telemetry.md says what each is for.</summary>
internal sealed class GrainMetrics
{
    private readonly Counter<long> _activations;
    private readonly UpDownCounter<long> _active;
    private readonly UpDownCounter<long> _waiting;
    private readonly Counter<long> _closings;
    private readonly Counter<long> _fences;

    public GrainMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GrainsServices.MeterName);
        _activations = meter.CreateCounter<long>("llmobserve.grain.activations", "{activation}", "Grains that came into memory, by type");
        _active = meter.CreateUpDownCounter<long>("llmobserve.grain.active", "{grain}", "Grains in memory, by type");
        _waiting = meter.CreateUpDownCounter<long>("llmobserve.account.waiting", "{event}", "Events that wait for their account's ledger, not yet acknowledged");
        _closings = meter.CreateCounter<long>("llmobserve.account.closings", "{closing}", "Times that an account's ledger was closed to read its totals anew");
        _fences = meter.CreateCounter<long>("llmobserve.account.fences", "{fence}", "Activations of an account that another one has taken over from");
    }

    public void Activated(string grainType)
    {
        var tag = TypeTag(grainType);
        _activations.Add(1, tag);
        _active.Add(1, tag);
    }

    public void Deactivated(string grainType) => _active.Add(-1, TypeTag(grainType));

    /// <summary>So many events more wait, or fewer.</summary>
    public void Waiting(int events) => _waiting.Add(events);

    public void Closed() => _closings.Add(1);

    public void Fenced() => _fences.Add(1);

    private static KeyValuePair<string, object?> TypeTag(string grainType) => KeyValuePair.Create("grain.type", (object?)grainType);
}
