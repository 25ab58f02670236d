using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Stats;
using static LlmObserve.Storage.Tests.Stats.PlainSums;

namespace LlmObserve.Storage.Tests.Stats;

public sealed class SeriesTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private readonly StatsStore _store = new(database.Db);

    [Theory]
    [InlineData(1, "UTC", "2026-11-04T10:37:12Z")]
    [InlineData(2, "Asia/Kolkata", "2026-11-04T10:37:12Z")]

    // Their clocks changed two days before.
    [InlineData(3, "America/New_York", "2026-11-03T01:37:12Z")]
    [InlineData(4, "Australia/Lord_Howe", "2026-10-05T10:37:12Z")]
    public async Task Series_RandomEvents_EqualPlainSumsBucketByBucket(int seed, string zoneId, string time)
    {
        var now = DateTimeOffset.Parse(time);
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse(zoneId), now, seed, count: 1_500);
        StatsWindow[] windows = [new(now.AddHours(-30), now), new(now.AddDays(-3), now), new(now.AddDays(-9), now.AddDays(-2)), new(now.AddDays(-28), now)];
        StatsFilter[] filters = [default, new("acme", null, null, null), new(null, "openai", null, "writer"), new("beta", null, "gpt-4o", null), new("nobody", null, null, null)];
        foreach (var asked in windows)
        {
            foreach (var filter in filters)
            {
                foreach (var group in Enum.GetValues<StatsGroup>().Cast<StatsGroup?>().Append(null))
                {
                    await AssertSeriesAsync(ledger, asked, filter, group, null, top: 2);
                    await AssertSeriesAsync(ledger, asked, filter, group, StatsBucket.Day, top: 20);
                }
            }
        }
    }

    [Theory]
    [InlineData("America/New_York", "2026-11-03T12:00:00Z", 25)]
    [InlineData("Europe/Berlin", "2026-03-31T12:00:00Z", 23)]
    public async Task Series_OverAChangeOfClocks_HasTheDaysHours(string zoneId, string time, int hours)
    {
        var (zone, now) = (AccountZone.Parse(zoneId), DateTimeOffset.Parse(time));
        var sunday = zone.DateOf(now).AddDays(-2);
        var (from, to) = (zone.StartOf(sunday), zone.StartOf(sunday.AddDays(1)));
        var account = AccountId.New();
        var head = await database.TakeEpochAsync(account);
        await using var writer = database.CreateWriter();
        var events = Enumerable.Range(0, hours).Select(hour => Ledger.Events.Make($"e{hour}", 1 + hour) with
        {
            OccurredAt = from.AddHours(hour).AddMinutes(30),
            ReceivedAt = now,
        });
        await writer.AppendAsync(Ledger.Events.Append(account, head, zone, [.. events]), default);

        var (byHour, set) = await ReadAsync(account, new(from, to), default, null, StatsBucket.Hour, 1, zone, now);
        var (byDay, day) = await ReadAsync(account, new(from, to), default, null, StatsBucket.Day, 1, zone, now);

        Assert.Equal(Enumerable.Range(0, hours).Select(hour => from.AddHours(hour)), byHour.Starts);
        Assert.Equal(Enumerable.Range(0, hours).Select(hour => new Usd(1 + hour)), Assert.Single(set.Series).Costs);
        Assert.Equal(from, Assert.Single(byDay.Starts));
        Assert.Equal(hours, Assert.Single(Assert.Single(day.Series).Calls));
    }

    [Fact]
    public void Plan_OfACustomer_HasHoursForAWeekOnly()
    {
        var now = new DateTimeOffset(2026, 11, 21, 10, 30, 0, TimeSpan.Zero);
        var past = new StatsWindow(now.AddDays(-10), now.AddDays(-9));

        Assert.Equal(StatsBucket.Hour, Of(new(now.AddHours(-24), now), StatsKeys.Customers).Bucket);
        Assert.Equal(StatsBucket.Hour, Of(past, StatsKeys.Labels).Bucket);
        var days = Of(past, StatsKeys.Customers);
        Assert.Equal(StatsBucket.Day, days.Bucket);
        Assert.Equal([11, 12], days.Starts.Select(start => start.Day));
        Assert.All(days.Starts, start => Assert.Equal(TimeSpan.Zero, start.TimeOfDay));

        SeriesPlan Of(StatsWindow asked, StatsKeys keys) => SeriesPlan.For(asked, keys, StatsBucket.Hour, AccountZone.Utc, now);
    }

    [Theory]
    [InlineData(1, StatsBucket.Hour)]
    [InlineData(48, StatsBucket.Hour)]
    [InlineData(49, StatsBucket.Day)]
    public void Plan_Unasked_IsByHourUpToTwoDays(int hours, StatsBucket bucket)
    {
        var now = new DateTimeOffset(2026, 11, 21, 10, 30, 0, TimeSpan.Zero);

        var plan = SeriesPlan.For(new(now.AddHours(-hours), now), StatsKeys.Labels, null, AccountZone.Utc, now);

        Assert.Equal(bucket, plan.Bucket);
        Assert.Equal(plan.Plan.Window.From, plan.Starts[0]);
        Assert.InRange(now, plan.Starts[^1], plan.Plan.Window.To);
    }

    private async Task AssertSeriesAsync(RandomLedger ledger, StatsWindow asked, StatsFilter filter, StatsGroup? group, StatsBucket? bucket, int top)
    {
        var (plan, set) = await ReadAsync(ledger.Account, asked, filter, group, bucket, top, ledger.Zone, ledger.Now);

        AssertCovers(plan.Plan.Window, asked, ledger.Now);
        var matching = Matching(ledger.Events, plan.Plan.Window, filter).ToList();
        var names = matching.GroupBy(e => group is { } of ? NameIn(e, of) : "").OrderByDescending(rows => Usd.Sum(rows.Select(e => e.Cost))).ThenBy(rows => rows.Key, StringComparer.Ordinal).ToList();
        if (group is null)
        {
            AssertSums(plan, matching, Assert.Single(set.Series));
            Assert.Null(set.Other);
            return;
        }

        Assert.Equal(names.Take(top).Select(rows => rows.Key), set.Series.Select(series => series.Name));
        Assert.All(names.Zip(set.Series), pair => AssertSums(plan, [.. pair.First], pair.Second));
        Assert.Equal(names.Count > top, set.Other is not null);
        if (set.Other is { } other)
        {
            AssertSums(plan, [.. names.Skip(top).SelectMany(rows => rows)], other);
        }
    }

    private static void AssertSums(SeriesPlan plan, List<LedgerEvent> events, StatsSeries series)
    {
        var ends = plan.Starts.Skip(1).Append(plan.Plan.Window.To);
        var buckets = plan.Starts.Zip(ends, (start, end) => events.Where(e => e.OccurredAt >= start && e.OccurredAt < end).ToList()).ToList();
        Assert.Equal(buckets.Select(bucket => Usd.Sum(bucket.Select(e => e.Cost))), series.Costs);
        Assert.Equal(buckets.Select(bucket => (long)bucket.Count), series.Calls);
        Assert.Equal(buckets.Select(bucket => bucket.LongCount(e => e.IsError)), series.Errors);
    }

    private async Task<(SeriesPlan Plan, StatsSeriesSet Set)> ReadAsync(
        AccountId account, StatsWindow asked, StatsFilter filter, StatsGroup? group, StatsBucket? bucket, int top, AccountZone zone, DateTimeOffset now)
    {
        var plan = SeriesPlan.For(asked, group is { } of ? StatsKeysOf.List(of, filter) : StatsKeysOf.Sums(filter), bucket, zone, now);
        return (plan, await _store.SeriesAsync(new StatsQuery(account, plan.Plan, filter), plan, group, top, default));
    }
}
