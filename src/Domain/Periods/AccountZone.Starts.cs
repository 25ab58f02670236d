using LlmObserve.Domain.Caps;

namespace LlmObserve.Domain.Periods;

/// <summary>Where hours, days, weeks and months begin.</summary>
public sealed partial class AccountZone
{
    private const int DaysInWeek = 7;

    /// <summary>An event lands from seven days back to five minutes ahead; these hold more, so that none of those pushes another out.</summary>
    private const int RememberedHours = 256;

    private const int RememberedDays = 16;

    // Slots by the hour and day of UTC. What is in one is immutable and checked before use, so a race only computes twice.
    private readonly LocalHour?[] _hours = new LocalHour?[RememberedHours];
    private readonly LocalDay?[] _days = new LocalDay?[RememberedDays];

    /// <summary>The hour and the day that hold an instant. Both are remembered: a run of events of the same hours costs next to nothing.</summary>
    public HourAndDay BucketOf(DateTimeOffset instant)
    {
        var hour = HourAt(instant.UtcTicks);
        return new HourAndDay(Instant(hour.Start), Instant(hour.Day.Start));
    }

    /// <summary>What clocks of the zone show at an instant.</summary>
    public DateTime ToLocal(DateTimeOffset instant) =>
        new(instant.UtcTicks + _offsets.Offset(_offsets.IndexAt(instant.UtcTicks)), DateTimeKind.Unspecified);

    /// <summary>Beginning of the local hour, or of the part of it since the offset last changed.</summary>
    public DateTimeOffset HourStart(DateTimeOffset instant) => Instant(HourAt(instant.UtcTicks).Start);

    /// <summary>Beginning of the next hour bucket.</summary>
    public DateTimeOffset HourEnd(DateTimeOffset instant) => Instant(HourAt(instant.UtcTicks).End);

    public DateTimeOffset DayStart(DateTimeOffset instant) => Instant(DayAt(instant.UtcTicks).Start);

    /// <summary>Beginning of the week, a Monday's.</summary>
    public DateTimeOffset WeekStart(DateTimeOffset instant) => Instant(DayAt(instant.UtcTicks).Week.Start);

    public DateTimeOffset MonthStart(DateTimeOffset instant) => Instant(DayAt(instant.UtcTicks).Month.Start);

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
        var day = DayAt(instant.UtcTicks);
        return Instant(period switch
        {
            CapPeriod.Daily => day.End,
            CapPeriod.Weekly => day.Week.End,
            CapPeriod.Monthly => day.Month.End,
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
        });
    }

    /// <summary>Beginning of the period before the one that holds an instant.</summary>
    public DateTimeOffset PreviousPeriodStart(CapPeriod period, DateTimeOffset instant) =>
        PeriodStart(period, PeriodStart(period, instant).AddTicks(-1));

    /// <summary>
    /// The date of the day that holds an instant. Where clocks went back over midnight it is the day that had begun, not what clocks show.
    /// </summary>
    public DateOnly DateOf(DateTimeOffset instant) => DayAt(instant.UtcTicks).Date;

    /// <summary>Beginning of a local date: the first instant whose local date is that or later.</summary>
    public DateTimeOffset StartOf(DateOnly date) => Instant(StartTicks(date));

    /// <summary>
    /// The first instant of a local date at which clocks show the time of day that they show at an instant, or a later one. Where that date has no
    /// such time it is the date's end.
    /// </summary>
    public DateTimeOffset SameTimeOn(DateOnly date, DateTimeOffset instant)
    {
        var ticks = instant.UtcTicks;
        var time = ticks + _offsets.Offset(_offsets.IndexAt(ticks)) - (DayAt(ticks).Date.DayNumber * TimeSpan.TicksPerDay);
        return Instant(Math.Clamp(FirstTicks((date.DayNumber * TimeSpan.TicksPerDay) + time), StartTicks(date), StartTicks(date.AddDays(1))));
    }

    private static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % DaysInWeek));

    private static DateOnly FirstOfMonth(DateOnly date) => new(date.Year, date.Month, 1);

    private static DateTimeOffset Instant(long utcTicks) => new(utcTicks, TimeSpan.Zero);

    private LocalHour HourAt(long utcTicks)
    {
        ref var slot = ref _hours[(utcTicks / TimeSpan.TicksPerHour) % RememberedHours];
        var known = Volatile.Read(ref slot);
        if (known is not null && utcTicks >= known.Start && utcTicks < known.End)
        {
            return known;
        }

        var stretch = _offsets.IndexAt(utcTicks);
        var clockHour = utcTicks - Modulo(utcTicks + _offsets.Offset(stretch), TimeSpan.TicksPerHour);
        var hour = new LocalHour(
            Math.Max(clockHour, _offsets.Start(stretch)),
            Math.Min(clockHour + TimeSpan.TicksPerHour, _offsets.End(stretch)),
            DayAt(utcTicks));
        Volatile.Write(ref slot, hour);
        return hour;
    }

    private LocalDay DayAt(long utcTicks)
    {
        ref var slot = ref _days[(utcTicks / TimeSpan.TicksPerDay) % RememberedDays];
        var known = Volatile.Read(ref slot);
        if (known is not null && utcTicks >= known.Start && utcTicks < known.End)
        {
            return known;
        }

        var date = DateAt(utcTicks);
        var (monday, first) = (Monday(date), FirstOfMonth(date));
        var day = new LocalDay(
            date,
            StartTicks(date),
            StartTicks(date.AddDays(1)),
            (StartTicks(monday), StartTicks(monday.AddDays(DaysInWeek))),
            (StartTicks(first), StartTicks(first.AddMonths(1))));
        Volatile.Write(ref slot, day);
        return day;
    }

    private DateOnly DateAt(long utcTicks)
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

    private long StartTicks(DateOnly date) => FirstTicks(date.DayNumber * TimeSpan.TicksPerDay);

    /// <summary>The first instant at which clocks show this local time or a later one.</summary>
    private long FirstTicks(long local)
    {
        // Offsets lie between −12 and +14 hours: a day before that time read as UTC, it has come nowhere.
        for (var stretch = _offsets.IndexAt(local - TimeSpan.TicksPerDay); ; stretch++)
        {
            var first = Math.Max(_offsets.Start(stretch), local - _offsets.Offset(stretch));
            if (first < _offsets.End(stretch))
            {
                return first;
            }
        }
    }

    private static long Modulo(long value, long by) => ((value % by) + by) % by;

    /// <summary>An hour bucket, from its first tick to the first that is no longer in it.</summary>
    private sealed record LocalHour(long Start, long End, LocalDay Day);

    /// <summary>A day with the week and the month that hold it, each from its first tick to the first that is no longer in it.</summary>
    private sealed record LocalDay(DateOnly Date, long Start, long End, (long Start, long End) Week, (long Start, long End) Month);
}

/// <summary>The instants (UTC) at which the hour and the day of an event begin: its buckets in the ledger.</summary>
public readonly record struct HourAndDay(DateTimeOffset Hour, DateTimeOffset Day);
