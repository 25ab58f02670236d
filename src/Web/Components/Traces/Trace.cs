using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Traces;

/// <summary>One call as a line of a trace.</summary>
/// <param name="Call">The call.</param>
/// <param name="Level">How deep it is; a root is at 1.</param>
/// <param name="Left">Where its bar begins, of <see cref="Trace.Width"/>.</param>
/// <param name="Width">How long its bar is.</param>
public sealed record TraceLine(RunEventAnswer Call, int Level, decimal Left, decimal Width);

/// <summary>
/// The calls of a run on one time axis. The ledger knows when a call ended and how long it took; one whose latency is not known is drawn where it
/// ended, as narrow as can be seen.
/// </summary>
/// <param name="Start">When the first call began.</param>
/// <param name="End">When the last one ended.</param>
/// <param name="Lines">In the order of the tree: each call before those below it.</param>
public sealed record Trace(DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<TraceLine> Lines)
{
    /// <summary>Units of the axis; the browser stretches them to their place.</summary>
    public const decimal Width = 1000;

    /// <summary>A bar that is shorter could not be seen.</summary>
    public const decimal Narrowest = 4;

    public static readonly Trace Empty = new(default, default, []);

    /// <summary>From the first call's beginning to the last one's end.</summary>
    public decimal DurationMs => Ms(End - Start);

    public static Trace Of(IReadOnlyList<RunEventAnswer> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        var calls = new List<(RunEventAnswer Call, int Level)>();
        var rest = new Stack<(RunEventAnswer Call, int Level)>(roots.Reverse().Select(root => (root, 1)));
        while (rest.TryPop(out var next))
        {
            calls.Add(next);
            foreach (var child in next.Call.Children.Reverse())
            {
                rest.Push((child, next.Level + 1));
            }
        }

        if (calls.Count == 0)
        {
            return Empty;
        }

        var start = calls.Min(call => StartOf(call.Call));
        var end = calls.Max(call => call.Call.OccurredAt);
        return new Trace(start, end, [.. calls.Select(call => Line(call.Call, call.Level, start, Ms(end - start)))]);
    }

    public static DateTimeOffset StartOf(RunEventAnswer call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.OccurredAt.AddMilliseconds(-call.LatencyMs);
    }

    private static TraceLine Line(RunEventAnswer call, int level, DateTimeOffset start, decimal wholeMs)
    {
        if (wholeMs == 0)
        {
            return new TraceLine(call, level, 0, Narrowest);
        }

        var width = Math.Max(Narrowest, decimal.Round(Width * call.LatencyMs / wholeMs, 1));
        var left = decimal.Round(Width * Ms(StartOf(call) - start) / wholeMs, 1);
        return new TraceLine(call, level, Math.Min(left, Width - width), width);
    }

    private static decimal Ms(TimeSpan time) => (decimal)time.Ticks / TimeSpan.TicksPerMillisecond;
}
