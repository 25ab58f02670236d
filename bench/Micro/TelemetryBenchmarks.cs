using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using LlmObserve.Api.Caps;
using LlmObserve.Grains.Interfaces.Caps;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Bench.Micro;

/// <summary>What its metrics add to a check: with nobody listening, and with somebody who does nothing.</summary>
[MemoryDiagnoser]
public class TelemetryBenchmarks
{
    private readonly CheckMetrics _metrics;
    private readonly MeterListener _listener = new();

    public TelemetryBenchmarks() =>
        _metrics = new CheckMetrics(
            new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>(), TimeProvider.System);

    [Params(false, true)]
    public bool IsListening { get; set; }

    [GlobalSetup]
    public void Listen()
    {
        if (IsListening)
        {
            _listener.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
            _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            _listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
            _listener.Start();
        }
    }

    [GlobalCleanup]
    public void Stop() => _listener.Dispose();

    [Benchmark]
    public void Check_Allowed_IsCounted() => _metrics.Answered(CapCheck.Free, _metrics.Start());
}
