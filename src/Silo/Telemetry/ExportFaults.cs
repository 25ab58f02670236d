using System.Diagnostics.Tracing;

namespace LlmObserve.Silo.Telemetry;

/// <summary>Says in the log when metrics or traces do not arrive; the SDK itself tells only its own event source.</summary>
internal sealed partial class ExportFaults(TimeProvider time, ILogger log) : EventListener
{
    private const string Sources = "OpenTelemetry";

    /// <summary>A collector that is away fails every few seconds; once in so long is enough to see it.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private long? _saidAt;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith(Sources, StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Error);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base constructor may call before ours has run.
        if (log is null || time is null || _gate is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_saidAt is { } at && time.GetElapsedTime(at) < s_pause)
            {
                return;
            }

            _saidAt = time.GetTimestamp();
        }

        LogFault(log, eventData.EventSource.Name, Text(eventData));
    }

    private static string Text(EventWrittenEventArgs fault)
    {
        object?[] values = [.. fault.Payload ?? []];
        try
        {
            return fault.Message is { } message ? string.Format(message, values) : string.Join(" ", values);
        }
        catch (FormatException)
        {
            return string.Join(" ", values);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Telemetry does not arrive ({Source}): {Fault}")]
    private static partial void LogFault(ILogger log, string source, string fault);
}
