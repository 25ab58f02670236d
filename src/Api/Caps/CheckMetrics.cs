using System.Diagnostics.Metrics;
using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Api.Caps;

/// <summary>
/// How many checks, how fast, and what denies. A check takes microseconds, so nothing here allocates, and without a listener it costs a few
/// comparisons.
/// </summary>
internal sealed class CheckMetrics
{
    private static readonly KeyValuePair<string, object?> s_allowed = KeyValuePair.Create("outcome", (object?)"allowed");
    private static readonly KeyValuePair<string, object?> s_denied = KeyValuePair.Create("outcome", (object?)"denied");
    private static readonly KeyValuePair<string, object?> s_stale = KeyValuePair.Create("stale", (object?)true);
    private static readonly KeyValuePair<string, object?> s_fresh = KeyValuePair.Create("stale", (object?)false);

    // From a few microseconds, where the account is in memory, to an activation on a slow database.
    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    };

    private readonly TimeProvider _time;
    private readonly Counter<long> _checks;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _denials;

    public CheckMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(ApiComposition.MeterName);
        _checks = meter.CreateCounter<long>("llmobserve.checks", "{check}", "Checks that were answered, by outcome");
        _duration = meter.CreateHistogram("llmobserve.check.duration", "s", "A check, from its labels to its answer", advice: s_seconds);
        _denials = meter.CreateCounter<long>("llmobserve.check.denials", "{check}", "Checks that were denied, by reason and the type of the cap named first");
    }

    /// <summary>When a check begins; 0 where nobody measures.</summary>
    public long Start() => _duration.Enabled ? _time.GetTimestamp() : 0;

    /// <summary>A check was answered.</summary>
    /// <param name="check">The answer.</param>
    /// <param name="started">What <see cref="Start"/> gave.</param>
    public void Answered(CapCheck check, long started)
    {
        _checks.Add(1, check.Allowed ? s_allowed : s_denied, check.Stale ? s_stale : s_fresh);
        if (started != 0)
        {
            _duration.Record(_time.GetElapsedTime(started).TotalSeconds, check.Allowed ? s_allowed : s_denied);
        }

        if (!check.Allowed)
        {
            var gravest = check.Denials.Gravest();
            _denials.Add(
                1,
                KeyValuePair.Create("reason", (object?)gravest.Kind.ToWire()),
                KeyValuePair.Create("cap.type", (object?)gravest.Standing.Cap.Scope.Type.ToWire()));
        }
    }
}
