using LlmObserve.Bench.Results;

namespace LlmObserve.Bench.Running;

/// <summary>Asks over a connection of its own, and waits for each answer before it asks again.</summary>
internal interface ICaller : IDisposable
{
    /// <summary>Once; an answer other than expected throws.</summary>
    ValueTask CallAsync(CancellationToken cancellationToken);
}

/// <summary>How a number of calls went.</summary>
/// <param name="PerSecond">Calls.</param>
/// <param name="MedianMs">Of one call, milliseconds.</param>
/// <param name="P99Ms">The same of the slowest in a hundred.</param>
/// <param name="ProcessorUs">What the process that answers used of the processors for one call, microseconds.</param>
internal sealed record Pace(double PerSecond, double MedianMs, double P99Ms, double ProcessorUs);

/// <summary>Callers that share a number of calls.</summary>
internal static class Callers
{
    /// <param name="callers">Who asks.</param>
    /// <param name="calls">How many of them.</param>
    /// <param name="processorTime">Of the process that answers, so far.</param>
    /// <param name="time">Measures.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Pace> ShareAsync(
        IReadOnlyCollection<ICaller> callers, int calls, Func<TimeSpan> processorTime, TimeProvider time, CancellationToken cancellationToken)
    {
        var milliseconds = new double[calls];
        var next = -1;
        var used = processorTime();
        var started = time.GetTimestamp();
        await Task.WhenAll(callers.Select(caller => Task.Run(
            async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < calls; i = Interlocked.Increment(ref next))
                {
                    var asked = time.GetTimestamp();
                    await caller.CallAsync(cancellationToken);
                    milliseconds[i] = time.GetElapsedTime(asked).TotalMilliseconds;
                }
            },
            cancellationToken)));
        var took = time.GetElapsedTime(started);
        used = processorTime() - used;
        return new Pace(
            calls / took.TotalSeconds, Quantiles.Median(milliseconds), Quantiles.Of(milliseconds, 0.99), used.TotalMicroseconds / calls);
    }

    /// <summary>As many callers as that, made in turn.</summary>
    public static async Task<List<T>> OpenAsync<T>(int count, Func<Task<T>> open)
        where T : ICaller
    {
        List<T> callers = [];
        for (var i = 0; i < count; i++)
        {
            callers.Add(await open());
        }

        return callers;
    }
}
