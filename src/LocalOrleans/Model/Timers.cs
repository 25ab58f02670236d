using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of a grain. Dispose it to stop it; it also ends with the activation.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>
    /// Sets when the next tick is due, from now, and the time between the end of a tick and the next.
    /// <see cref="Timeout.InfiniteTimeSpan"/> stands for never. Inside a tick it takes effect when the tick ends.
    /// </summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>When a timer ticks, and what its ticks wait for.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>States the times; ticks neither interleave nor keep the activation alive.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>The time to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>The time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may start while a request runs, as a method marked AlwaysInterleave may.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, so that the activation is not collected for being idle.</summary>
    public bool KeepAlive { get; init; }
}
