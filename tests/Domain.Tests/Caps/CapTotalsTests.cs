using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapTotalsTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Add_CurrentAndNextPeriod_AreKeptApart()
    {
        var totals = new CapTotals(Monday);
        Assert.True(totals.Add(Day(1), Usd.Parse("0.25")));
        Assert.True(totals.Add(Monday, Usd.Parse("1")));
        Assert.True(totals.Add(Monday, Usd.Parse("2")));
        Assert.Equal(Usd.Parse("3"), totals.SpentIn(Monday));
        Assert.Equal(Usd.Parse("0.25"), totals.SpentIn(Day(1)));
        Assert.Equal(Usd.Zero, totals.SpentIn(Day(2)));
        Assert.Equal([Monday, Day(1)], totals.Periods.Select(period => period.Start));
    }

    [Fact]
    public void RollTo_NextPeriod_KeepsWhatCameEarly()
    {
        var totals = new CapTotals(Monday);
        totals.Add(Monday, Usd.Parse("9"));
        totals.Add(Day(1), Usd.Parse("0.5"));
        totals.RollTo(Day(1));
        Assert.Equal(Usd.Parse("0.5"), totals.SpentIn(Day(1)));
        Assert.Equal(Day(1), Assert.Single(totals.Periods).Start);
    }

    [Fact]
    public void RollTo_EarlierInstant_ChangesNothing()
    {
        var totals = new CapTotals(Monday);
        totals.Add(Monday, Usd.Parse("9"));
        totals.RollTo(Day(-1));
        Assert.Equal(Monday, totals.Oldest);
        Assert.Equal(Usd.Parse("9"), totals.SpentIn(Monday));
    }

    [Fact]
    public void Add_PeriodLetGo_IsRefusedAndNeverReadAsZero()
    {
        var totals = new CapTotals(Monday);
        Assert.False(totals.Add(Day(-1), Usd.Parse("1")));
        Assert.False(totals.Set(Day(-1), Usd.Parse("1")));
        Assert.Empty(totals.Periods);
        Assert.Throws<ArgumentOutOfRangeException>(() => totals.SpentIn(Day(-1)));
    }

    [Fact]
    public void Set_LoadedTotal_ReplacesWhatWasCounted()
    {
        var totals = new CapTotals(Monday);
        totals.Add(Monday, Usd.Parse("1"));
        Assert.True(totals.Set(Monday, Usd.Parse("7")));
        Assert.True(totals.Set(Day(1), Usd.Parse("2")));
        Assert.Equal(Usd.Parse("7"), totals.SpentIn(Monday));
        Assert.Equal(Usd.Parse("2"), totals.SpentIn(Day(1)));
    }

    [Fact]
    public void Add_BeyondTheRange_ThrowsAndKeepsTheTotal()
    {
        var totals = new CapTotals(Monday);
        totals.Add(Monday, Usd.MaxValue);
        Assert.Throws<OverflowException>(() => totals.Add(Monday, new Usd(1)));
        Assert.Equal(Usd.MaxValue, totals.SpentIn(Monday));
    }

    [Fact]
    public void Add_AnyOrderWithRolls_EqualsThePlainSumPerPeriod() =>
        Prop.ForAll(Steps.ArrayOf().ToArbitrary(), steps =>
        {
            var totals = new CapTotals(Monday);
            var oldest = 0;
            var plain = new Dictionary<int, long>();
            foreach (var (roll, day, nanos) in steps)
            {
                if (roll)
                {
                    totals.RollTo(Day(day));
                    oldest = Math.Max(oldest, day);
                }
                else
                {
                    Assert.Equal(day >= oldest, totals.Add(Day(day), new Usd(nanos)));
                    plain[day] = plain.GetValueOrDefault(day) + (day >= oldest ? nanos : 0);
                }
            }

            for (var day = oldest; day <= 10; day++)
            {
                Assert.Equal(plain.GetValueOrDefault(day), totals.SpentIn(Day(day)).Nanos);
            }

            Assert.All(totals.Periods, period => Assert.True(period.Start >= Day(oldest)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static readonly Gen<(bool Roll, int Day, long Nanos)> Steps =
        from roll in Gen.Elements(true, false, false, false)
        from day in Gen.Choose(-2, 10)
        from nanos in Gen.Choose(0, 1_000_000)
        select (roll, day, (long)nanos);

    private static DateTimeOffset Day(int number) => Monday.AddDays(number);
}
