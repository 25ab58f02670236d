using LlmObserve.Domain.Periods;

namespace LlmObserve.Storage.Ledger;

/// <summary>A stretch that R6 has.</summary>
/// <param name="From">The first instant at which a day of it may begin.</param>
/// <param name="To">The first at which none may.</param>
/// <param name="Holds">Whether its rows are still the sums of its days.</param>
internal readonly record struct KnownStretch(DateTimeOffset From, DateTimeOffset To, bool Holds);

/// <summary>
/// Finds what R6 lacks: a stretch for each day that has ended, and for each three days in which no event can land any more one instead of
/// theirs. Longer ones would be fewer rows; but the days between the beginning of a window and the first stretch in it are read from R3,
/// where each is as many rows as all of R6 for most questions.
/// </summary>
internal static class StretchPlan
{
    private const int DaysTogether = 3;

    /// <summary>A day is closed this long after its end: most of what arrives late has arrived, and the stretch is not made twice.</summary>
    private static readonly TimeSpan s_afterDay = TimeSpan.FromHours(1);

    /// <summary>The newest stretch that is to be made next, in place of those within it; null where nothing is left to do.</summary>
    /// <param name="known">What there is.</param>
    /// <param name="firstDay">The account's first.</param>
    /// <param name="zone">The account's.</param>
    /// <param name="now">The time.</param>
    public static (DateTimeOffset From, DateTimeOffset To)? Next(
        IReadOnlyList<KnownStretch> known, DateTimeOffset firstDay, AccountZone zone, DateTimeOffset now)
    {
        (DateTimeOffset From, DateTimeOffset To)? next = null;
        foreach (var (from, to, holds) in known)
        {
            if (!holds && (next is null || from > next.Value.From))
            {
                next = (from, to);
            }
        }

        foreach (var (from, to) in Wanted(firstDay, zone, now))
        {
            if (next is not null && next.Value.From >= from)
            {
                return next;
            }

            if (Open(known, from, to) is { } open)
            {
                return open;
            }
        }

        return next;
    }

    /// <summary>All stretches that there should be, newest first.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Wanted(DateTimeOffset firstDay, AccountZone zone, DateTimeOffset now)
    {
        var ended = zone.DayStart(now - s_afterDay);
        var settled = zone.DayStart(now - LedgerRetention.HourCustomer);
        var first = zone.DateOf(firstDay).DayNumber;
        for (var day = zone.DateOf(ended).DayNumber / DaysTogether * DaysTogether; day + DaysTogether > first; day -= DaysTogether)
        {
            var (from, to) = (Start(day), Start(day + DaysTogether));
            if (to <= settled)
            {
                yield return (from, to);
                continue;
            }

            for (var one = day + DaysTogether - 1; one >= Math.Max(day, first); one--)
            {
                // A date that a zone skipped takes no time.
                if (Start(one + 1) <= ended && Start(one) < Start(one + 1))
                {
                    yield return (Start(one), Start(one + 1));
                }
            }
        }

        DateTimeOffset Start(int dayNumber) => zone.StartOf(DateOnly.FromDayNumber(dayNumber));
    }

    /// <summary>
    /// What of a wanted stretch is to be made: nothing where it is there, and of one that reaches into others only what lies between those.
    /// After a change of zone the edges of the stretches before it are not the new zone's.
    /// </summary>
    private static (DateTimeOffset From, DateTimeOffset To)? Open(IReadOnlyList<KnownStretch> known, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var other in known)
        {
            if (other.From < from && other.To > from)
            {
                from = other.To;
            }

            if (other.To > to && other.From < to)
            {
                to = other.From;
            }
        }

        return from < to && !known.Any(other => other.From == from && other.To == to) ? (from, to) : null;
    }
}
