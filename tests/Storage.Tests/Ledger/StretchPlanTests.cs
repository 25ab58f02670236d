using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

public sealed class StretchPlanTests
{
    private static readonly DateTimeOffset s_first = new(2026, 9, 20, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("UTC", "UTC")]
    [InlineData("America/New_York", "Asia/Kolkata")]
    [InlineData("Australia/Lord_Howe", "America/New_York")]
    [InlineData("Pacific/Kiritimati", "Pacific/Pago_Pago")]
    public void Next_DayAfterDay_ClosesEveryEndedDayOnce(string first, string second)
    {
        var zone = AccountZone.Parse(first);
        var firstDay = zone.DayStart(s_first);
        List<KnownStretch> known = [];
        for (var now = s_first.AddHours(40); now < s_first.AddDays(60); now = now.AddHours(17))
        {
            if (zone.Id != second && now > s_first.AddDays(40))
            {
                // As a change of zone does it: what lies behind the beginning of the month goes.
                zone = AccountZone.Parse(second);
                known.RemoveAll(stretch => stretch.To > zone.MonthStart(now));
            }

            MakeAll(known, firstDay, zone, now);

            var at = known[0].From;
            Assert.True(at <= firstDay, "begins with the account's first day");
            foreach (var stretch in known)
            {
                Assert.True(stretch.From == at && stretch.To > at, "no gap, no overlap");
                at = stretch.To;
            }

            Assert.Equal(zone.DayStart(now.AddHours(-1)), at);
        }
    }

    [Fact]
    public void Next_OldDays_AreThreeTogether()
    {
        var now = s_first.AddDays(60).AddHours(12);
        List<KnownStretch> known = [];
        MakeAll(known, s_first, AccountZone.Utc, now);

        var old = known.Where(stretch => stretch.To < now.AddDays(-12)).ToList();
        Assert.NotEmpty(old);
        Assert.All(old, stretch => Assert.Equal(3, (stretch.To - stretch.From).TotalDays));
        Assert.All(known.Where(stretch => stretch.To > now.AddDays(-8)), stretch => Assert.Equal(1, (stretch.To - stretch.From).TotalDays));
    }

    [Fact]
    public void Next_StretchNoLongerHolds_IsMadeAgain()
    {
        var now = s_first.AddDays(20).AddHours(12);
        List<KnownStretch> known = [];
        MakeAll(known, s_first, AccountZone.Utc, now);
        for (var i = 0; i < known.Count; i++)
        {
            var changed = known.ToList();
            changed[i] = changed[i] with { Holds = false };

            Assert.Equal((known[i].From, known[i].To), StretchPlan.Next(changed, s_first, AccountZone.Utc, now));
        }
    }

    [Fact]
    public void Next_DayJustEnded_Waits()
    {
        Assert.Null(StretchPlan.Next([], s_first, AccountZone.Utc, s_first.AddHours(24.5)));
        Assert.Equal((s_first, s_first.AddDays(1)), StretchPlan.Next([], s_first, AccountZone.Utc, s_first.AddHours(25)));
    }

    private static void MakeAll(List<KnownStretch> known, DateTimeOffset firstDay, AccountZone zone, DateTimeOffset now)
    {
        for (var made = 0; StretchPlan.Next(known, firstDay, zone, now) is var (from, to); made++)
        {
            Assert.True(made < 100, "comes to an end");
            known.RemoveAll(stretch => stretch.From >= from && stretch.To <= to);
            known.Add(new(from, to, Holds: true));
            known.Sort((a, b) => a.From.CompareTo(b.From));
        }
    }
}
