using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Stats;
using static LlmObserve.Storage.Tests.Stats.PlainSums;

namespace LlmObserve.Storage.Tests.Stats;

public sealed class StatsStoreTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly StatsFilter s_all = new(null, null, null, null);

    private static readonly StatsFilter[] s_filters =
    [
        s_all,
        s_all with { CustomerId = "acme" },
        s_all with { Provider = "openai" },
        s_all with { Model = "gpt-4o" },
        s_all with { Agent = "writer" },
        s_all with { Provider = "openai", Agent = "researcher" },
        s_all with { CustomerId = "beta", Model = "gpt-4o" },
        new("gamma", "anthropic", "claude-sonnet-4", "writer"),
        s_all with { CustomerId = "nobody" },
    ];

    private readonly StatsStore _store = new(database.Db);

    [Theory]
    [InlineData(1, "UTC")]
    [InlineData(2, "Asia/Kolkata")]
    [InlineData(3, "America/New_York")]
    [InlineData(4, "Australia/Lord_Howe")]
    public async Task List_RandomEvents_EqualsPlainSumsOverTheWindowItNames(int seed, string zoneId)
    {
        // New York leaves daylight saving time on 1 November 2026, Lord Howe enters it on 4 October, by half an hour.
        var now = new DateTimeOffset(2026, 11, 4, 10, 37, 12, TimeSpan.Zero);
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse(zoneId), now, seed);

        foreach (var asked in WindowsUpTo(now))
        {
            foreach (var filter in s_filters)
            {
                foreach (var group in Enum.GetValues<StatsGroup>())
                {
                    var plan = RollupPlan.For(asked, StatsKeysOf.List(group, filter), ledger.Zone, now);
                    var page = await _store.ListAsync(new StatsQuery(ledger.Account, plan, filter), group, null, StatsStore.MaxRows, default);

                    AssertCovers(plan.Window, asked, now);
                    var expected = Expected(ledger.Events, plan.Window, filter, group);
                    Assert.Equal(expected.Select(row => row.Name), page.Rows.Select(row => row.Name));
                    Assert.All(expected.Zip(page.Rows), pair => AssertSame(pair.First.Figures, pair.Second.Figures));
                    Assert.Equal(Usd.Sum(expected.Select(row => row.Figures.Cost)), page.Cost);
                    Assert.Null(page.Next);
                }
            }
        }
    }

    [Fact]
    public async Task Overview_RandomEvents_EqualsPlainSums()
    {
        var now = new DateTimeOffset(2026, 11, 4, 10, 37, 12, TimeSpan.Zero);
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse("Europe/Berlin"), now, seed: 5);
        foreach (var asked in WindowsUpTo(now))
        {
            foreach (var filter in s_filters)
            {
                var (labels, customers, sums) = (
                    StatsKeysOf.List(StatsGroup.Model, filter), StatsKeysOf.List(StatsGroup.Customer, filter), StatsKeysOf.Sums(filter));
                var plans = (
                    Labels: RollupPlan.For(asked, labels, ledger.Zone, now),
                    Customers: RollupPlan.For(asked, customers, ledger.Zone, now),
                    Before: RollupPlan.For(asked, sums, ledger.Zone, now).Before(asked.To - asked.From, sums, ledger.Zone, now));

                var overview = await _store.OverviewAsync(
                    new StatsQuery(ledger.Account, plans.Labels, filter),
                    new StatsQuery(ledger.Account, plans.Customers, filter),
                    new StatsQuery(ledger.Account, plans.Before, filter),
                    default);

                AssertSame(Sum(Matching(ledger.Events, plans.Labels.Window, filter)), overview.Totals);
                AssertSame(Sum(Matching(ledger.Events, plans.Before.Window, filter)), overview.Before);
                Assert.True(plans.Before.Window.To <= plans.Labels.Window.From, "the stretch before ends before the window begins");
                Assert.Equal(Top(StatsGroup.Provider, plans.Labels), overview.Providers.Select(Named));
                Assert.Equal(Top(StatsGroup.Model, plans.Labels), overview.Models.Select(Named));
                Assert.Equal(Top(StatsGroup.Customer, plans.Customers), overview.Customers.Rows.Select(Named));

                IEnumerable<(string, Usd)> Top(StatsGroup group, RollupPlan plan) =>
                    Expected(ledger.Events, plan.Window, filter, group).Take(StatsStore.TopRows).Select(Named);
            }
        }

        static (string, Usd) Named(StatsRow row) => (row.Name, row.Figures.Cost);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task List_PageByPage_GivesEveryRowOnceInOrder(int rows)
    {
        var now = Ledger.Events.Now;
        var account = AccountId.New();
        var head = await database.TakeEpochAsync(account);
        await using var writer = database.CreateWriter();

        // Many rows of one cost: only their names tell them apart.
        var events = Enumerable.Range(0, 40).Select(i => Ledger.Events.Make($"e{i}", 1_000 + (i % 3)) with { CustomerId = $"customer-{i}" });
        await writer.AppendAsync(Ledger.Events.Append(account, head, events), default);
        var window = new StatsWindow(now.AddHours(-24), now);
        var plan = RollupPlan.For(window, StatsKeys.Customers, AccountZone.Utc, now);
        var query = new StatsQuery(account, plan, s_all);

        var walked = new List<StatsRow>();
        StatsPosition? after = null;
        do
        {
            var page = await _store.ListAsync(query, StatsGroup.Customer, after, rows, default);
            Assert.True(page.Rows.Length == rows || page.Next is null, "only the last page is short");
            Assert.Equal(40_039, page.Cost.Nanos);
            walked.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null);

        var whole = await _store.ListAsync(query, StatsGroup.Customer, null, StatsStore.MaxRows, default);
        Assert.Equal(40, walked.Count);
        Assert.Equal(whole.Rows.Select(row => row.Name), walked.Select(row => row.Name));
        Assert.Equal(walked.OrderByDescending(row => row.Figures.Cost).ThenBy(row => row.Name, StringComparer.Ordinal), walked);
    }

    [Fact]
    public async Task List_AnotherAccount_IsEmpty()
    {
        var now = Ledger.Events.Now;
        await RandomLedger.CreateAsync(database, AccountZone.Utc, now, seed: 6, count: 50);
        var plan = RollupPlan.For(new StatsWindow(now.AddDays(-40), now), StatsKeys.CustomersAndLabels, AccountZone.Utc, now);

        var page = await _store.ListAsync(new StatsQuery(AccountId.New(), plan, s_all with { CustomerId = "acme" }), StatsGroup.Model, null, 10, default);

        Assert.Empty(page.Rows);
        Assert.Equal(Usd.Zero, page.Cost);
    }
}
