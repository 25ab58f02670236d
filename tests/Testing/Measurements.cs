using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace LlmObserve.Testing;

/// <summary>One measurement: which instrument, how much, with which tags.</summary>
public sealed record Measured(string Name, decimal Value, IReadOnlyDictionary<string, object?> Tags);

/// <summary>What the instruments of one factory measure from now on, or those of several together.</summary>
public sealed class Measurements : IDisposable
{
    private readonly ConcurrentQueue<Measured> _all = new();
    private readonly MeterListener _listener = new();

    public Measurements(params IReadOnlyCollection<IMeterFactory> meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope is IMeterFactory scope && meters.Contains(scope) && instrument.Meter.Name.StartsWith("LlmObserve.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, (decimal)value, tags));
        _listener.Start();
    }

    /// <summary>Called when there is one more.</summary>
    public Action? Added { get; set; }

    /// <summary>Everything so far, in order.</summary>
    public IReadOnlyCollection<Measured> All => _all;

    /// <summary>The measurements of one instrument, of those with this tag where one is given.</summary>
    public IReadOnlyList<Measured> Of(string name, string? tag = null, object? value = null) =>
        [.. _all.Where(measured => measured.Name == name && (tag is null || Equals(measured.Tags.GetValueOrDefault(tag), value)))];

    /// <summary>What they add up to.</summary>
    public decimal Sum(string name, string? tag = null, object? value = null) => Of(name, tag, value).Sum(measured => measured.Value);

    /// <summary>Asks the gauges that are read on demand.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, decimal value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _all.Enqueue(new Measured(instrument.Name, value, tags.ToArray().ToDictionary(StringComparer.Ordinal)));
        Added?.Invoke();
    }
}
