using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Domain.Tests.Periods;

public sealed class AccountZonePropertyTests
{
    private static readonly string[] Zones =
    [
        "UTC", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York", "Europe/London", "Pacific/Apia",
        "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "America/Havana", "America/Santiago", "Asia/Beirut", "Africa/Casablanca",
        "Asia/Gaza", "Antarctica/Troll", "Pacific/Kiritimati", "Etc/GMT+12", "America/Sao_Paulo", "Asia/Tehran", "Europe/Lisbon",
    ];

    private static readonly CapPeriod[] Periods = [CapPeriod.Daily, CapPeriod.Weekly, CapPeriod.Monthly];

    private static readonly long First = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
    private static readonly long Last = new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>Any instant, and often one within some hours of a change of offset, where the rules are hard.</summary>
    private static readonly Gen<(AccountZone Zone, DateTimeOffset Instant)> Cases =
        from zone in Gen.Elements(Zones)
        from instant in Gen.OneOf(AnyInstant(), NearAChange(zone))
        select (AccountZone.Parse(zone), instant);

    [Fact]
    public void HourStart_AnyInstant_PartitionsTimeInsideDays() => Check((zone, instant) =>
    {
        var start = zone.HourStart(instant);
        var end = zone.HourEnd(instant);
        Assert.True(start <= instant && instant < end, "contains");
        Assert.True(end - start <= TimeSpan.FromHours(1), "at most an hour");
        Assert.Equal(start, zone.HourStart(start));
        Assert.Equal(end, zone.HourStart(end));
        Assert.Equal(start, zone.HourStart(end.AddTicks(-1)));

        var day = zone.DayStart(instant);
        Assert.Equal(day, zone.DayStart(start));
        Assert.Equal(day, zone.DayStart(end.AddTicks(-1)));
        Assert.Equal(new HourAndDay(start, day), zone.BucketOf(instant));

        // One offset throughout, and a local clock hour: the bucket is one hour on the wall.
        var system = TimeZoneInfo.FindSystemTimeZoneById(zone.Id);
        var wall = TimeZoneInfo.ConvertTime(start, system);
        var wallEnd = TimeZoneInfo.ConvertTime(end.AddTicks(-1), system);
        Assert.Equal(wall.Offset, wallEnd.Offset);
        Assert.Equal(wall.Hour, wallEnd.Hour);
        Assert.Equal(wall.Date, wallEnd.Date);
    });

    [Fact]
    public void PeriodStart_AnyInstant_IsIdempotentAndContainsIt() => Check((zone, instant) =>
    {
        foreach (var period in Periods)
        {
            var start = zone.PeriodStart(period, instant);
            var end = zone.PeriodEnd(period, instant);
            Assert.True(start <= instant && instant < end, $"{period} contains");
            Assert.Equal(start, zone.PeriodStart(period, start));
            Assert.Equal(end, zone.PeriodEnd(period, start));
            Assert.Equal(end, zone.PeriodStart(period, end));
            Assert.Equal(start, zone.PeriodStart(period, end.AddTicks(-1)));

            var previous = zone.PreviousPeriodStart(period, instant);
            Assert.True(previous < start, $"{period} before");
            Assert.Equal(start, zone.PeriodEnd(period, previous));
        }
    });

    [Fact]
    public void PeriodStart_AnyInstant_HoursNestInDaysInWeeksAndMonths() => Check((zone, instant) =>
    {
        var day = zone.DayStart(instant);
        Assert.Equal(day, zone.DayStart(zone.HourStart(instant)));
        Assert.Equal(zone.HourStart(day), day);
        foreach (var larger in new[] { CapPeriod.Weekly, CapPeriod.Monthly })
        {
            var start = zone.PeriodStart(larger, instant);
            Assert.Equal(start, zone.PeriodStart(larger, day));
            Assert.Equal(start, zone.DayStart(start));
            Assert.True(zone.PeriodEnd(larger, instant) >= zone.PeriodEnd(CapPeriod.Daily, instant));
        }
    });

    [Fact]
    public void Starts_LaterInstant_NeverGoBack() => Check((zone, instant) =>
    {
        for (var minutes = 1; minutes <= 2 * 24 * 60; minutes += 29)
        {
            var later = instant.AddMinutes(minutes);
            Assert.True(zone.HourStart(later) >= zone.HourStart(instant));
            foreach (var period in Periods)
            {
                Assert.True(zone.PeriodStart(period, later) >= zone.PeriodStart(period, instant));
            }
        }
    }, tests: 400);

    [Fact]
    public void DayStart_AnyInstant_IsTheFirstInstantOfItsDateOrLater() => Check((zone, instant) =>
    {
        var system = TimeZoneInfo.FindSystemTimeZoneById(zone.Id);
        var start = zone.DayStart(instant);
        var date = zone.DateOf(instant);
        Assert.Equal(start, zone.StartOf(date));
        Assert.True(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, system).DateTime) >= date);

        // Nothing in the two days before has that date or a later one.
        for (var minutes = 1; minutes <= 2 * 24 * 60; minutes += 15)
        {
            var local = TimeZoneInfo.ConvertTime(start.AddMinutes(-minutes), system);
            Assert.True(DateOnly.FromDateTime(local.DateTime) < date, $"{local} comes before {date}");
        }

        Assert.True(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start.AddTicks(-1), system).DateTime) < date);
    }, tests: 400);

    [Fact]
    public void WeekAndMonthStart_AnyInstant_AreAMondayAndAFirst() => Check((zone, instant) =>
    {
        var date = zone.DateOf(instant);
        var week = zone.DateOf(zone.WeekStart(instant));
        var month = zone.DateOf(zone.MonthStart(instant));

        // Samoa skipped Friday, 30 December 2011; no Monday and no first was ever skipped since 2001.
        Assert.Equal(DayOfWeek.Monday, week.DayOfWeek);
        Assert.InRange(date.DayNumber - week.DayNumber, 0, 6);
        Assert.Equal(new DateOnly(date.Year, date.Month, 1), month);
    });

    [Fact]
    public async Task BucketOf_ManyThreads_NeverMixesTwoHours()
    {
        var zone = AccountZone.Parse("Asia/Kathmandu");
        var begin = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                var instant = begin.AddMinutes(((i * 7) + (worker * 13)) % 10_000);
                var bucket = zone.BucketOf(instant);
                var local = instant + new TimeSpan(5, 45, 0);
                Assert.Equal(local.AddMinutes(-local.Minute) - new TimeSpan(5, 45, 0), bucket.Hour);
                Assert.Equal(new DateTimeOffset(local.Date, TimeSpan.Zero) - new TimeSpan(5, 45, 0), bucket.Day);
            }
        })));
    }

    private static void Check(Action<AccountZone, DateTimeOffset> property, int tests = 3_000) =>
        Prop.ForAll(Cases.ToArbitrary(), pair => property(pair.Zone, pair.Instant)).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));

    private static Gen<DateTimeOffset> AnyInstant() =>
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select new DateTimeOffset(First + (long)((UInt128)(((ulong)high << 31) | (uint)low) * (ulong)(Last - First) >> 62), TimeSpan.Zero);

    private static Gen<DateTimeOffset> NearAChange(string zone)
    {
        var changes = ZoneChanges.Of(zone, 2008, 2030);
        return changes.Count == 0 ? AnyInstant() :
            from change in Gen.Elements(changes.ToArray())
            from distance in Gen.OneOf(
                Gen.Elements(-1L, 0L, 1L),
                Gen.Choose(-30 * 3600, 30 * 3600).Select(seconds => seconds * TimeSpan.TicksPerSecond),
                Gen.Choose(-8, 8).Select(quarters => quarters * 15 * TimeSpan.TicksPerMinute))
            select change.AddTicks(distance);
    }
}
