using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Storage.Stats;

/// <summary>
/// What answers how a day, week or month of the account's zone goes so far, and how the one before it went up to the same time: yesterday until
/// the same time of day, last week until the same weekday and time, last month until the same day and time, or its end where it has no such day.
/// <para>
/// All in whole buckets: the hour that is on is compared with a whole one, and a customer's last month with the whole of its day, because hours
/// are kept by customer for a week only.
/// </para>
/// </summary>
/// <param name="Current">The period so far.</param>
/// <param name="Previous">The one before, up to the same time.</param>
/// <param name="Rest">What of the one before came after that: both together are all of it.</param>
public sealed record PeriodPlans(RollupPlan Current, RollupPlan Previous, RollupPlan Rest)
{
    private const int DaysInWeek = 7;

    public static PeriodPlans For(CapPeriod period, StatsKeys keys, AccountZone zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var start = zone.PeriodStart(period, now);
        var before = zone.PreviousPeriodStart(period, now);
        var until = SameTime(period, before, zone, now);
        until = until < before ? before : until > start ? start : until;

        // What ends here has an end, also where the period begins in this very tick.
        var later = now.AddTicks(1);
        var previous = RollupPlan.For(new StatsWindow(before, until), keys, zone, later);
        return new PeriodPlans(
            RollupPlan.For(new StatsWindow(start, now), keys, zone, now),
            previous,
            RollupPlan.For(new StatsWindow(previous.Window.To, start), keys, zone, later));
    }

    private static DateTimeOffset SameTime(CapPeriod period, DateTimeOffset before, AccountZone zone, DateTimeOffset now)
    {
        var today = zone.DateOf(now);
        if (period != CapPeriod.Monthly)
        {
            return zone.SameTimeOn(today.AddDays(period == CapPeriod.Weekly ? -DaysInWeek : -1), now);
        }

        var month = zone.DateOf(before);
        var days = DateTime.DaysInMonth(month.Year, month.Month);
        return today.Day > days
            ? zone.PeriodStart(period, now)
            : zone.SameTimeOn(new DateOnly(month.Year, month.Month, today.Day), now);
    }
}
