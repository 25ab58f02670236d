using LlmObserve.Api.Caps;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Testing;

namespace LlmObserve.Api.Tests.Telemetry;

public sealed class CheckMetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answered_AllowedCheck_AllocatesNothing(bool isMeasured)
    {
        using var meters = new TestMeters();
        var metrics = new CheckMetrics(meters, TimeProvider.System);
        using var listener = isMeasured ? new System.Diagnostics.Metrics.MeterListener() : null;
        if (listener is not null)
        {
            listener.InstrumentPublished = (instrument, to) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    to.EnableMeasurementEvents(instrument);
                }
            };
            listener.Start();
        }

        Check(metrics);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Check(metrics);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(isMeasured, metrics.Start() != 0);
    }

    private static void Check(CheckMetrics metrics) => metrics.Answered(CapCheck.Free, metrics.Start());
}
