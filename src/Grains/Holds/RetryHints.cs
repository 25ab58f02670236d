using LlmObserve.Domain.Money;

namespace LlmObserve.Grains.Holds;

/// <summary>Tells a caller that calls in flight keep out when to ask again: when, as calls have gone lately, enough of them should be done.</summary>
internal sealed class RetryHints
{
    /// <summary>Asking more often costs more than it wins.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(25);

    /// <summary>Of calls in flight: room may come at any moment.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The weight of the latest call in the mean is one in so many.</summary>
    private const int Memory = 16;

    /// <summary>2³² / golden ratio: multiples of it spread evenly over the range of an unsigned integer.</summary>
    private const uint Spread = 2_654_435_769;

    private long _meanTicks = TimeSpan.TicksPerSecond;
    private uint _asked;

    /// <summary>A call was done after this time.</summary>
    internal void Ended(TimeSpan open) => _meanTicks += (open.Ticks - _meanTicks) / Memory;

    /// <summary>When <paramref name="missing"/> may be free of what is held.</summary>
    internal TimeSpan After(CapHolds cap, Usd missing, TimeSpan now)
    {
        if (missing > cap.Held && cap.FirstGuardEnds() is { } guard)
        {
            // One that ends just now has not been swept yet.
            return guard - now > Shortest ? guard - now : Shortest;
        }

        // Held by calls that end evenly over their mean time. Callers that wait for the same room do not all come back at once.
        var ticks = cap.Held == Usd.Zero ? 0 : (long)Int128.Min((Int128)_meanTicks * missing.Nanos / cap.Held.Nanos, Longest.Ticks);
        ticks += (long)((Int128)ticks * (unchecked(_asked++ * Spread) >> 16) / (4 << 16));
        return new TimeSpan(Math.Clamp(ticks, Shortest.Ticks, Longest.Ticks));
    }
}
