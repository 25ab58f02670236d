using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;
using static LlmObserve.Storage.Tests.Stats.PlainSums;

namespace LlmObserve.Storage.Tests.Stats;

/// <summary>Lists by kind of call and by section equal plain sums over the events.</summary>
public sealed class CallStatsStoreTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly StatsFilter s_all = new(null, null, null, null);

    private readonly StatsStore _store = new(database.Db);

    [Theory]
    [InlineData(51, "UTC")]
    [InlineData(52, "America/New_York")]
    public async Task Lists_RandomEvents_EqualPlainSumsOverTheWindow(int seed, string zone)
    {
        var now = new DateTimeOffset(2026, 11, 4, 10, 37, 12, TimeSpan.Zero);
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse(zone), now, seed, count: 1_500);
        StatsFilter[] filters = [s_all, s_all with { CustomerId = "acme" }, s_all with { Agent = "writer" }, new("beta", "openai", null, null), s_all with { CustomerId = "none" }];
        foreach (var asked in WindowsUpTo(now))
        {
            foreach (var filter in filters)
            {
                await AssertCallsAsync(ledger, asked, filter with { Kind = StatsKind.Llm }, StatsCallsGroup.Model, e => e.Model, CallKind.Llm);
                await AssertCallsAsync(
                    ledger, asked, filter with { Kind = StatsKind.Infrastructure }, StatsCallsGroup.Service,
                    e => e.Kind == SpanKind.Api ? StatsCallsRow.Api : StatsCallsRow.VectorDb,
                    CallKind.Api, CallKind.VectorDb, CallKind.VectorDbRead, CallKind.VectorDbWrite);
                if (filter.CustomerId is null)
                {
                    await AssertSectionsAsync(ledger, asked, filter);
                }
            }
        }
    }

    private async Task AssertCallsAsync(
        RandomLedger ledger, StatsWindow asked, StatsFilter filter, StatsCallsGroup group, Func<LedgerEvent, string> nameOf, params CallKind[] kinds)
    {
        var plan = RollupPlan.For(asked, StatsKeysOf.Sums(filter), ledger.Zone, ledger.Now);
        var page = await _store.ListCallsAsync(new StatsQuery(ledger.Account, plan, filter), group, null, StatsStore.MaxRows, default);

        AssertCovers(plan.Window, asked, ledger.Now);
        var calls = Matching(ledger.Events, plan.Window, filter).Where(e => kinds.Contains(CallKinds.Of(e))).ToList();
        var expected = calls.GroupBy(e => (e.Provider, Name: nameOf(e))).Select(rows => (rows.Key, Figures: Sum(rows), Calls: rows.ToList()))
            .OrderByDescending(row => row.Figures.Cost).ThenBy(row => row.Key.Provider, StringComparer.Ordinal).ThenBy(row => row.Key.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Select(row => row.Key), page.Rows.Select(row => (row.Provider, row.Name)));
        Assert.All(expected.Zip(page.Rows), pair =>
        {
            AssertSame(pair.First.Figures, pair.Second.Figures);
            AssertKinds(pair.First.Calls, pair.Second);
        });
        AssertSame(Sum(calls), page.Totals.Figures);
        AssertKinds(calls, page.Totals);
        Assert.Null(page.Next);
    }

    private async Task AssertSectionsAsync(RandomLedger ledger, StatsWindow asked, StatsFilter filter)
    {
        var plan = RollupPlan.For(asked, StatsKeys.Sections, ledger.Zone, ledger.Now);
        var query = new StatsQuery(ledger.Account, plan, filter);
        var rows = await _store.ListSectionsAsync(query, default);

        Assert.Equal(ledger.Zone.DayStart(asked.From), plan.Window.From);
        AssertCovers(plan.Window, asked, ledger.Now);
        var calls = Matching(ledger.Events, plan.Window, filter).ToList();
        AssertRows(calls.GroupBy(e => e.SectionPath), rows);

        var below = calls.Where(e => e.SectionPath == "checkout" || e.SectionPath.StartsWith("checkout/", StringComparison.Ordinal));
        AssertRows(below.GroupBy(e => e.SectionPath == "checkout" ? "" : "checkout/pay"), await _store.GetSectionAsync(query, "checkout", default));
    }

    private static void AssertRows(IEnumerable<IGrouping<string, LedgerEvent>> groups, IReadOnlyList<StatsRow> rows)
    {
        var expected = groups.Select(group => new StatsRow(group.Key, Sum(group)))
            .OrderByDescending(row => row.Figures.Cost).ThenBy(row => row.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Select(row => row.Name), rows.Select(row => row.Name));
        Assert.All(expected.Zip(rows), pair => AssertSame(pair.First.Figures, pair.Second.Figures));
    }

    private static void AssertKinds(List<LedgerEvent> calls, StatsCallsRow row)
    {
        Assert.Equal((Count(CallKind.VectorDbRead), Count(CallKind.VectorDbWrite), Count(CallKind.Api)), (row.Reads, row.Writes, row.ApiCalls));

        long Count(CallKind kind) => calls.LongCount(e => CallKinds.Of(e) == kind);
    }
}
