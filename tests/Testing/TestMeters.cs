using System.Diagnostics.Metrics;

namespace LlmObserve.Testing;

/// <summary>Meters of one test: a <see cref="Measurements"/> hears these and nobody else's.</summary>
public sealed class TestMeters : IMeterFactory
{
    private readonly Dictionary<string, Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_meters)
        {
            return _meters.TryGetValue(options.Name, out var meter)
                ? meter
                : _meters[options.Name] = new Meter(new MeterOptions(options.Name) { Scope = this });
        }
    }

    public void Dispose()
    {
        foreach (var meter in _meters.Values)
        {
            meter.Dispose();
        }
    }
}
