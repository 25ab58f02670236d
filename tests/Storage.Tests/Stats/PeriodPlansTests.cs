using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;
using static LlmObserve.Storage.Tests.Stats.PlainSums;

namespace LlmObserve.Storage.Tests.Stats;

public sealed class PeriodPlansTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    [Theory]

    // A Wednesday at 10:37 in New York, three days after its clocks went back.
    [InlineData("America/New_York", "2026-11-04T15:37:00Z", CapPeriod.Daily, "2026-11-04T05:00Z", "2026-11-03T05:00Z", "2026-11-03T16:00Z", "2026-11-04T05:00Z")]
    [InlineData("America/New_York", "2026-11-04T15:37:00Z", CapPeriod.Weekly, "2026-11-02T05:00Z", "2026-10-26T04:00Z", "2026-10-28T15:00Z", "2026-11-02T05:00Z")]
    [InlineData("America/New_York", "2026-11-04T15:37:00Z", CapPeriod.Monthly, "2026-11-01T04:00Z", "2026-10-01T04:00Z", "2026-10-04T15:00Z", "2026-11-01T04:00Z")]

    // The day after: yesterday had 25 hours, and noon was 13 hours after its midnight.
    [InlineData("America/New_York", "2026-11-02T17:00:00Z", CapPeriod.Daily, "2026-11-02T05:00Z", "2026-11-01T04:00Z", "2026-11-01T17:00Z", "2026-11-02T05:00Z")]

    // Yesterday had no half past two: what came next was three.
    [InlineData("Europe/Berlin", "2026-03-30T00:30:00Z", CapPeriod.Daily, "2026-03-29T22:00Z", "2026-03-28T23:00Z", "2026-03-29T01:00Z", "2026-03-29T22:00Z")]

    // February has no 30th, and no 31st.
    [InlineData("UTC", "2026-03-30T09:10:00Z", CapPeriod.Monthly, "2026-03-01T00:00Z", "2026-02-01T00:00Z", "2026-03-01T00:00Z", "2026-03-01T00:00Z")]
    [InlineData("UTC", "2026-03-28T09:10:00Z", CapPeriod.Monthly, "2026-03-01T00:00Z", "2026-02-01T00:00Z", "2026-02-28T10:00Z", "2026-03-01T00:00Z")]

    // The tick in which everything begins: nothing has elapsed.
    [InlineData("UTC", "2026-06-01T00:00:00Z", CapPeriod.Daily, "2026-06-01T00:00Z", "2026-05-31T00:00Z", "2026-05-31T00:00Z", "2026-06-01T00:00Z")]
    [InlineData("UTC", "2026-06-01T00:00:00Z", CapPeriod.Weekly, "2026-06-01T00:00Z", "2026-05-25T00:00Z", "2026-05-25T00:00Z", "2026-06-01T00:00Z")]
    [InlineData("UTC", "2026-06-01T00:00:00Z", CapPeriod.Monthly, "2026-06-01T00:00Z", "2026-05-01T00:00Z", "2026-05-01T00:00Z", "2026-06-01T00:00Z")]

    // Half an hour off.
    [InlineData("Asia/Kolkata", "2026-06-10T04:45:00Z", CapPeriod.Daily, "2026-06-09T18:30Z", "2026-06-08T18:30Z", "2026-06-09T05:30Z", "2026-06-09T18:30Z")]
    public void For_APeriod_ComparesWithTheSameTimeOfTheOneBefore(
        string zone, string now, CapPeriod period, string from, string before, string until, string end)
    {
        var plans = PeriodPlans.For(period, StatsKeys.Labels, AccountZone.Parse(zone), DateTimeOffset.Parse(now));

        Assert.Equal(DateTimeOffset.Parse(from), plans.Current.Window.From);
        Assert.True(plans.Current.Window.To > DateTimeOffset.Parse(now), "the period is not over");
        Assert.Equal((DateTimeOffset.Parse(before), DateTimeOffset.Parse(until)), (plans.Previous.Window.From, plans.Previous.Window.To));
        Assert.Equal((DateTimeOffset.Parse(until), DateTimeOffset.Parse(end)), (plans.Rest.Window.From, plans.Rest.Window.To));
    }

    [Theory]
    [InlineData("UTC", "2026-11-04T10:37:12Z")]
    [InlineData("America/New_York", "2026-11-02T17:20:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-05T01:40:00Z")]
    [InlineData("Europe/Berlin", "2026-12-31T23:00:00Z")]
    public async Task Sum_OfPeriods_EqualsPlainSums(string zoneId, string time)
    {
        var (zone, now) = (AccountZone.Parse(zoneId), DateTimeOffset.Parse(time));
        var ledger = await RandomLedger.CreateAsync(database, zone, now, seed: zoneId.Length, days: 65);
        var store = new StatsStore(database.Db);
        StatsFilter[] filters =
        [
            default, new("acme", null, null, null), new(null, "openai", null, "writer"), new("beta", null, "gpt-4o", null), new("nobody", null, null, null),
        ];
        foreach (var filter in filters)
        {
            foreach (var period in Enum.GetValues<CapPeriod>())
            {
                var plans = PeriodPlans.For(period, StatsKeysOf.Sums(filter), zone, now);

                var sums = await store.SumAsync(ledger.Account, filter, [plans.Current, plans.Previous, plans.Rest], default);

                Assert.Equal((zone.PeriodStart(period, now), zone.PreviousPeriodStart(period, now)), (plans.Current.Window.From, plans.Previous.Window.From));
                Assert.Equal((plans.Previous.Window.To, plans.Current.Window.From), (plans.Rest.Window.From, plans.Rest.Window.To));
                RollupPlan[] all = [plans.Current, plans.Previous, plans.Rest];
                Assert.All(all.Zip(sums), pair => AssertEqual(Sum(Matching(ledger.Events, pair.First.Window, filter)), pair.Second));
            }
        }
    }

    private static void AssertEqual(StatsFigures expected, StatsFigures actual) =>
        AssertSame(expected, actual.Latencies.IsEmpty ? actual with { Latencies = expected.Latencies } : actual);
}
