using System.Globalization;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Domain.Tests.Periods;

/// <summary>Cases worked out by hand from the zones' published rules; every instant is UTC.</summary>
public sealed class AccountZoneTests
{
    [Theory]
    [InlineData("UTC", "2026-03-04T05:59:59.9999999Z", "2026-03-04T05:00:00Z")]
    // +5:30 and +5:45: local hours begin at :30 and :15 of UTC.
    [InlineData("Asia/Kolkata", "2026-01-10T12:29:59Z", "2026-01-10T11:30:00Z")]
    [InlineData("Asia/Kolkata", "2026-01-10T12:30:00Z", "2026-01-10T12:30:00Z")]
    [InlineData("Asia/Kathmandu", "2026-01-10T12:14:59Z", "2026-01-10T11:15:00Z")]
    [InlineData("Asia/Kathmandu", "2026-01-10T12:15:00Z", "2026-01-10T12:15:00Z")]
    // +12:45 in southern winter, +13:45 in summer.
    [InlineData("Pacific/Chatham", "2026-07-01T00:14:59Z", "2026-06-30T23:15:00Z")]
    [InlineData("America/St_Johns", "2026-01-10T12:29:59Z", "2026-01-10T11:30:00Z")]
    // New York, 1 November 2026: 01:00–02:00 occurs twice, 05:00Z and 06:00Z.
    [InlineData("America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T05:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T06:59:59Z", "2026-11-01T06:00:00Z")]
    // New York, 8 March 2026: 02:00 does not exist; 03:00 begins at 07:00Z.
    [InlineData("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T06:00:00Z")]
    [InlineData("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z")]
    // Lord Howe, 5 April 2026: at 02:00 (+11) back to 01:30 (+10:30), 15:00Z of the 4th. The repeated half hour is a bucket of its own.
    [InlineData("Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-04T14:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-04T15:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:29:59Z", "2026-04-04T15:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z")]
    // Lord Howe, 5 October 2025: at 02:00 (+10:30) on to 02:30 (+11), 15:30Z of the 4th. The first bucket after it lasts half an hour.
    [InlineData("Australia/Lord_Howe", "2025-10-04T15:29:59Z", "2025-10-04T14:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2025-10-04T15:59:59Z", "2025-10-04T15:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2025-10-04T16:00:00Z", "2025-10-04T16:00:00Z")]
    public void HourStart_AroundChanges_IsTheLocalHour(string zone, string instant, string expected) =>
        Assert.Equal(At(expected), AccountZone.Parse(zone).HourStart(At(instant)));

    [Theory]
    [InlineData("UTC", "2026-03-04T10:37:00Z", "2026-02-28", "2026-02-28T10:37:00Z")]
    // Berlin, 29 March 2026: half past two does not exist, three does.
    [InlineData("Europe/Berlin", "2026-03-30T00:30:00Z", "2026-03-29", "2026-03-29T01:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-30T10:00:00Z", "2026-03-28", "2026-03-28T11:00:00Z")]
    // New York, 1 November 2026: half past one comes twice, the first counts, from either.
    [InlineData("America/New_York", "2026-11-02T06:30:00Z", "2026-11-01", "2026-11-01T05:30:00Z")]
    [InlineData("America/New_York", "2026-11-01T05:30:00Z", "2026-11-02", "2026-11-02T06:30:00Z")]
    [InlineData("America/New_York", "2026-11-01T06:30:00Z", "2026-11-02", "2026-11-02T06:30:00Z")]
    // Havana, 8 March 2026: no midnight, the day begins at one.
    [InlineData("America/Havana", "2026-03-09T04:10:00Z", "2026-03-08", "2026-03-08T05:00:00Z")]
    // Apia skipped 30 December 2011: it begins and ends with the 31st.
    [InlineData("Pacific/Apia", "2012-01-05T20:00:00Z", "2011-12-30", "2011-12-30T10:00:00Z")]
    public void SameTimeOn_ADate_IsItsFirstSuchTime(string zone, string instant, string date, string expected) =>
        Assert.Equal(At(expected), AccountZone.Parse(zone).SameTimeOn(DateOnly.Parse(date, CultureInfo.InvariantCulture), At(instant)));

    [Theory]
    [InlineData("UTC", "2026-03-04T23:59:59Z", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-03-04T18:29:59Z", "2026-03-03T18:30:00Z", "2026-03-04T18:30:00Z")]
    [InlineData("Asia/Kathmandu", "2026-03-04T18:15:00Z", "2026-03-04T18:15:00Z", "2026-03-05T18:15:00Z")]
    // 23 hours and 25 hours.
    [InlineData("America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData("Europe/London", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z")]
    [InlineData("Europe/London", "2026-10-25T12:00:00Z", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")]
    [InlineData("America/St_Johns", "2026-03-08T12:00:00Z", "2026-03-08T03:30:00Z", "2026-03-09T02:30:00Z")]
    [InlineData("Pacific/Chatham", "2026-04-04T20:00:00Z", "2026-04-04T10:15:00Z", "2026-04-05T11:15:00Z")]
    // Havana, 8 March 2026: midnight does not exist, the day begins at 01:00 (05:00Z).
    [InlineData("America/Havana", "2026-03-08T04:59:59Z", "2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z")]
    [InlineData("America/Havana", "2026-03-08T05:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")]
    // Havana, 1 November 2026: at 01:00 back to 00:00, midnight comes twice and the first counts.
    [InlineData("America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    // Cairo, Friday 24 April 2026: midnight does not exist (22:00Z of the 23rd is 01:00 of the 24th).
    [InlineData("Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-22T22:00:00Z", "2026-04-23T22:00:00Z")]
    [InlineData("Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z")]
    // Cairo, Thursday 29 October 2026: 24:00 becomes 23:00, so the 29th lasts 25 hours.
    [InlineData("Africa/Cairo", "2026-10-29T21:30:00Z", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z")]
    // Santiago, 5 April 2026: 24:00 of the 4th becomes 23:00; 6 September 2026: midnight does not exist.
    [InlineData("America/Santiago", "2026-04-05T03:30:00Z", "2026-04-04T03:00:00Z", "2026-04-05T04:00:00Z")]
    [InlineData("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]
    // Beirut, 29 March 2026: midnight does not exist.
    [InlineData("Asia/Beirut", "2026-03-28T22:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z")]
    // Apia skipped Friday, 30 December 2011: Thursday ends where Saturday begins.
    [InlineData("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]
    // St. John's until 2011 went back at 00:01, over midnight: the day that began at midnight stays.
    [InlineData("America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-06T02:30:00Z", "2010-11-07T02:30:00Z")]
    [InlineData("America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z")]
    [InlineData("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z")]
    [InlineData("America/St_Johns", "2010-11-07T03:30:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z")]
    public void DayStart_AroundChanges_IsTheFirstInstantOfTheDate(string zone, string instant, string start, string end)
    {
        var account = AccountZone.Parse(zone);
        Assert.Equal(At(start), account.DayStart(At(instant)));
        Assert.Equal(At(start), account.PeriodStart(CapPeriod.Daily, At(instant)));
        Assert.Equal(At(end), account.PeriodEnd(CapPeriod.Daily, At(instant)));
    }

    [Theory]
    [InlineData("UTC", "2026-03-01T23:59:59Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("UTC", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")]
    [InlineData("UTC", "2026-01-01T00:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-03-01T18:30:00Z", "2026-03-01T18:30:00Z", "2026-03-08T18:30:00Z")]
    // 167 hours.
    [InlineData("America/New_York", "2026-03-08T12:00:00Z", "2026-03-02T05:00:00Z", "2026-03-09T04:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z")]
    public void WeekStart_AnyZone_IsMonday(string zone, string instant, string start, string end)
    {
        var account = AccountZone.Parse(zone);
        Assert.Equal(At(start), account.WeekStart(At(instant)));
        Assert.Equal(At(end), account.PeriodEnd(CapPeriod.Weekly, At(instant)));
    }

    [Theory]
    [InlineData("UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("UTC", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("America/New_York", "2026-03-01T04:59:59Z", "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z")]
    [InlineData("America/New_York", "2026-03-15T00:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-10T00:00:00Z", "2026-03-31T13:00:00Z", "2026-04-30T13:30:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-05-31T10:00:00Z", "2026-05-31T10:00:00Z", "2026-06-30T10:00:00Z")]
    public void MonthStart_AnyZone_IsTheFirst(string zone, string instant, string start, string end)
    {
        var account = AccountZone.Parse(zone);
        Assert.Equal(At(start), account.MonthStart(At(instant)));
        Assert.Equal(At(end), account.PeriodEnd(CapPeriod.Monthly, At(instant)));
    }

    [Fact]
    public void PreviousPeriodStart_FirstOfMonth_IsTheMonthBefore()
    {
        Assert.Equal(At("2026-02-01T00:00:00Z"), AccountZone.Utc.PreviousPeriodStart(CapPeriod.Monthly, At("2026-03-31T00:00:00Z")));
        Assert.Equal(At("2026-02-23T00:00:00Z"), AccountZone.Utc.PreviousPeriodStart(CapPeriod.Weekly, At("2026-03-02T00:00:00Z")));
    }

    [Fact]
    public void Starts_InstantWithAnOffset_AreUtc()
    {
        var start = AccountZone.Parse("Asia/Kolkata").DayStart(new DateTimeOffset(2026, 3, 5, 1, 0, 0, TimeSpan.FromHours(5.5)));
        Assert.Equal(At("2026-03-04T18:30:00Z"), start);
        Assert.Equal(TimeSpan.Zero, start.Offset);
    }

    [Fact]
    public void Starts_BeyondTheKnownYears_KeepTheirRules()
    {
        foreach (var text in new[] { "0002-01-01T00:00:00Z", "1970-06-01T12:34:56Z", "2400-06-01T12:34:56Z", "9998-12-31T23:59:59Z" })
        {
            var zone = AccountZone.Parse("America/New_York");
            var start = zone.DayStart(At(text));
            Assert.Equal(start, zone.DayStart(start));
            Assert.InRange(At(text), start, zone.PeriodEnd(CapPeriod.Daily, At(text)));
        }
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Utc")]
    [InlineData("Etc/UTC")]
    [InlineData("America/Argentina/Buenos_Aires")]
    [InlineData("Etc/GMT+12")]
    [InlineData("America/Port-au-Prince")]
    public void TryParse_IanaName_IsOneObject(string id)
    {
        Assert.True(AccountZone.TryParse(id, out var zone, out var error));
        Assert.Null(error);
        Assert.Same(zone, AccountZone.Parse(id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    [InlineData("../../etc/passwd")]
    [InlineData("Europe/../Europe/London")]
    [InlineData("/usr/share/zoneinfo/UTC")]
    [InlineData("right/UTC")]
    [InlineData("posix/UTC")]
    [InlineData("localtime")]
    [InlineData("Europe")]
    [InlineData("Europe/")]
    [InlineData("Europe//London")]
    [InlineData("Europe/London\0")]
    public void TryParse_AnythingElse_SaysSo(string? id)
    {
        Assert.False(AccountZone.TryParse(id, out _, out var error));
        Assert.Contains("IANA name", error, StringComparison.Ordinal);
        Assert.Throws<TimeZoneNotFoundException>(() => AccountZone.Parse(id!));
    }

    [Fact]
    public void TryParse_HugeName_IsQuotedInPart()
    {
        Assert.False(AccountZone.TryParse(new string('A', 1_000_000), out _, out var error));
        Assert.True(error.Length < 200);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
