using LlmObserve.Api;
using LlmObserve.Grains;
using LlmObserve.Mail;
using LlmObserve.Storage;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmObserve.Silo.Telemetry;

/// <summary>
/// Sends metrics and traces to a collector over OTLP while it lives. It starts before what it listens to and ends after it, and what is not yet sent
/// then is sent first.
/// </summary>
internal sealed partial class TelemetryExport : IDisposable
{
    /// <summary>
    /// Of requests that nobody traces already. Checks are by far the most of them: at ten thousand a second this is a hundred spans a second.
    /// </summary>
    private const double SampledRequests = 0.01;

    /// <summary>What a collector that does not answer may hold up the end of the process, for metrics and for traces each.</summary>
    private const int FlushMs = 5_000;

    /// <summary>ASP.NET Core 10 leaves the method out of its spans unless told not to.</summary>
    private const string SuppressSpanData = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;
    private readonly ExportFaults _faults;

    private TelemetryExport(Collector collector, ILogger log)
    {
        _faults = new ExportFaults(TimeProvider.System, log);
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService("llmobserve", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: true)
            // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what stands above.
            .AddEnvironmentVariableDetector();
        _metrics = collector.Metrics is null ? null : Measure(resource);
        _traces = collector.Traces is null ? null : Trace(resource);
    }

    /// <summary>Starts it; null where the environment names no collector, and then every instrument finds nobody listening.</summary>
    public static TelemetryExport? Start(Collector collector, ILoggerFactory logging)
    {
        if (collector is { Metrics: null, Traces: null })
        {
            return null;
        }

        var log = logging.CreateLogger<TelemetryExport>();
        LogStarted(log, Name(collector.Metrics), Name(collector.Traces));
        return new TelemetryExport(collector, log);
    }

    /// <summary>Without a name and a password, which an address may hold.</summary>
    private static string Name(Uri? collector) => collector?.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) ?? "nowhere";

    /// <summary>Makes the spans of an application's requests tell more; before it is built.</summary>
    public void AddTo(IServiceCollection services)
    {
        if (_traces is not null)
        {
            services.AddSingleton<IStartupFilter, RequestSpans>();
        }
    }

    public void Dispose()
    {
        // Traces first: their exporter's own requests count in no metric of ours.
        _traces?.Shutdown(FlushMs);
        _traces?.Dispose();
        _metrics?.Shutdown(FlushMs);
        _metrics?.Dispose();
        _faults.Dispose();
    }

    private static MeterProvider Measure(ResourceBuilder resource) => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(resource)
        .AddMeter(ApiComposition.MeterName, GrainsServices.MeterName, MailServices.MeterName, StorageServices.MeterName)
        .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "Microsoft.Orleans")
        .AddOtlpExporter()
        .Build();

    private static TracerProvider Trace(ResourceBuilder resource)
    {
        AppContext.SetSwitch(SuppressSpanData, isEnabled: false);
        var traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            // The last is a cluster's: without it a trace ends where a call leaves its process.
            .AddSource(StorageServices.ActivitySourceName, "Microsoft.AspNetCore", "Npgsql", PrivateTags.GrainCalls)
            .AddProcessor(new PrivateTags());
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER")))
        {
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(SampledRequests)));
        }

        return traces.AddOtlpExporter().Build();
    }

    [LoggerMessage(LogLevel.Information, "Metrics go to {Metrics}, traces to {Traces}")]
    private static partial void LogStarted(ILogger log, string metrics, string traces);
}
