namespace LlmObserve.Domain.Periods;

/// <summary>
/// A zone's UTC offsets as a list of stretches, each from the instant of one change to the next, in ticks of UTC. Built once from the
/// system's zone data, then searched without asking it again. Before and after the years it covers, the first and last offset go on.
/// </summary>
internal sealed class OffsetTimeline
{
    /// <summary>No event is older than this product, and no zone's future rules mean anything beyond a lifetime.</summary>
    private static readonly DateTime From = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly DateTime Until = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>No zone changes its offset there and back within a day, so that one look a day finds every change.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromDays(1);

    private readonly long[] _starts;
    private readonly long[] _offsets;

    private OffsetTimeline(long[] starts, long[] offsets) => (_starts, _offsets) = (starts, offsets);

    public int Count => _starts.Length;

    public static OffsetTimeline Of(TimeZoneInfo zone)
    {
        // The first stretch begins before all time, so that every instant lies in one.
        var starts = new List<long> { long.MinValue };
        var offsets = new List<long> { zone.GetUtcOffset(From).Ticks };
        for (var at = From; at < Until; at += Step)
        {
            var next = at + Step;
            var offset = zone.GetUtcOffset(next).Ticks;
            if (offset != offsets[^1])
            {
                starts.Add(FirstTickWith(zone, offset, at.Ticks, next.Ticks));
                offsets.Add(offset);
            }
        }

        return new OffsetTimeline([.. starts], [.. offsets]);
    }

    /// <summary>The stretch that holds an instant.</summary>
    public int IndexAt(long utcTicks)
    {
        var index = Array.BinarySearch(_starts, utcTicks);
        return index >= 0 ? index : ~index - 1;
    }

    /// <summary>First instant of a stretch.</summary>
    public long Start(int index) => _starts[index];

    /// <summary>First instant after a stretch.</summary>
    public long End(int index) => index + 1 < _starts.Length ? _starts[index + 1] : long.MaxValue;

    /// <summary>Local time less UTC.</summary>
    public long Offset(int index) => _offsets[index];

    /// <summary>Halves (before, after] until the change is found to the tick.</summary>
    private static long FirstTickWith(TimeZoneInfo zone, long offset, long before, long after)
    {
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            if (zone.GetUtcOffset(new DateTime(middle, DateTimeKind.Utc)).Ticks == offset)
            {
                after = middle;
            }
            else
            {
                before = middle;
            }
        }

        return after;
    }
}
