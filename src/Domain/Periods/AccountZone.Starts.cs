using LlmObserve.Domain.Caps;

namespace LlmObserve.Domain.Periods;

/// <summary>Where hours, days, weeks and months begin.</summary>
public sealed partial class AccountZone
{
    /// <summary>The hour and the day that hold an instant. The last hour asked for is remembered: a run of events of one hour costs nothing.</summary>
    public HourAndDay BucketOf(DateTimeOffset instant) => BucketsAt(instant.UtcTicks).ToHourAndDay();

    /// <summary>Beginning of the local hour, or of the part of it since the offset last changed.</summary>
    public DateTimeOffset HourStart(DateTimeOffset instant) => Instant(BucketsAt(instant.UtcTicks).HourStart);

    /// <summary>Beginning of the next hour bucket.</summary>
    public DateTimeOffset HourEnd(DateTimeOffset instant) => Instant(BucketsAt(instant.UtcTicks).HourEnd);

    public DateTimeOffset DayStart(DateTimeOffset instant) => Instant(BucketsAt(instant.UtcTicks).DayStart);

    /// <summary>Beginning of the week, a Monday's.</summary>
    public DateTimeOffset WeekStart(DateTimeOffset instant) => StartOf(Monday(DateOf(instant)));

    public DateTimeOffset MonthStart(DateTimeOffset instant) => StartOf(FirstOfMonth(DateOf(instant)));

    /// <summary>Beginning of the cap period that holds an instant.</summary>
    public DateTimeOffset PeriodStart(CapPeriod period, DateTimeOffset instant) => period switch
    {
        CapPeriod.Daily => DayStart(instant),
        CapPeriod.Weekly => WeekStart(instant),
        CapPeriod.Monthly => MonthStart(instant),
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
    };

    /// <summary>End of the cap period that holds an instant: the beginning of the next, the first instant that is no longer in it.</summary>
    public DateTimeOffset PeriodEnd(CapPeriod period, DateTimeOffset instant)
    {
        var date = DateOf(instant);
        return period switch
        {
            CapPeriod.Daily => StartOf(date.AddDays(1)),
            CapPeriod.Weekly => StartOf(Monday(date).AddDays(DaysInWeek)),
            CapPeriod.Monthly => StartOf(FirstOfMonth(date).AddMonths(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
        };
    }

    /// <summary>Beginning of the period before the one that holds an instant.</summary>
    public DateTimeOffset PreviousPeriodStart(CapPeriod period, DateTimeOffset instant) =>
        PeriodStart(period, PeriodStart(period, instant).AddTicks(-1));

    /// <summary>
    /// The date of the day that holds an instant. Where clocks went back over midnight it is the day that had begun, not what clocks show.
    /// </summary>
    public DateOnly DateOf(DateTimeOffset instant) => DateOf(instant.UtcTicks);

    /// <summary>Beginning of a local date: the first instant whose local date is that or later.</summary>
    public DateTimeOffset StartOf(DateOnly date) => Instant(StartTicks(date));

    private const int DaysInWeek = 7;

    private static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % DaysInWeek));

    private static DateOnly FirstOfMonth(DateOnly date) => new(date.Year, date.Month, 1);

    private static DateTimeOffset Instant(long utcTicks) => new(utcTicks, TimeSpan.Zero);

    private Buckets BucketsAt(long utcTicks)
    {
        var last = _last;
        if (last is not null && utcTicks >= last.HourStart && utcTicks < last.HourEnd)
        {
            return last;
        }

        var stretch = _offsets.IndexAt(utcTicks);
        var offset = _offsets.Offset(stretch);
        var clockHour = utcTicks - Modulo(utcTicks + offset, TimeSpan.TicksPerHour);
        var made = new Buckets(
            Math.Max(clockHour, _offsets.Start(stretch)),
            Math.Min(clockHour + TimeSpan.TicksPerHour, _offsets.End(stretch)),
            last is not null && utcTicks >= last.DayStart && utcTicks < last.DayEnd
                ? (last.DayStart, last.DayEnd)
                : DayAt(utcTicks));
        _last = made;
        return made;
    }

    private (long Start, long End) DayAt(long utcTicks)
    {
        var date = DateOf(utcTicks);
        return (StartTicks(date), StartTicks(date.AddDays(1)));
    }

    private DateOnly DateOf(long utcTicks)
    {
        var local = utcTicks + _offsets.Offset(_offsets.IndexAt(utcTicks));
        var date = DateOnly.FromDayNumber((int)(local / TimeSpan.TicksPerDay));

        // Clocks that went back over midnight show a date whose next has begun already.
        while (StartTicks(date.AddDays(1)) <= utcTicks)
        {
            date = date.AddDays(1);
        }

        return date;
    }

    private long StartTicks(DateOnly date)
    {
        // Offsets lie between −12 and +14 hours: a day before local midnight read as UTC, that date has begun nowhere.
        var midnight = date.DayNumber * TimeSpan.TicksPerDay;
        for (var stretch = _offsets.IndexAt(midnight - TimeSpan.TicksPerDay); ; stretch++)
        {
            var first = Math.Max(_offsets.Start(stretch), midnight - _offsets.Offset(stretch));
            if (first < _offsets.End(stretch))
            {
                return first;
            }
        }
    }

    private static long Modulo(long value, long by) => ((value % by) + by) % by;

    /// <summary>An hour and its day, each from its first tick to the first that is no longer in it.</summary>
    private sealed record Buckets(long HourStart, long HourEnd, (long Start, long End) Day)
    {
        public long DayStart => Day.Start;

        public long DayEnd => Day.End;

        public HourAndDay ToHourAndDay() => new(Instant(HourStart), Instant(DayStart));
    }
}

/// <summary>The instants (UTC) at which the hour and the day of an event begin: its buckets in the ledger.</summary>
public readonly record struct HourAndDay(DateTimeOffset Hour, DateTimeOffset Day);
