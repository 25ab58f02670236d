using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Customers;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Invitations;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;
using LlmObserve.Storage.Tests.Ledger;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>That the stores read behind row security: where its policies let nobody see anything, they find nothing.</summary>
public sealed class StoreReadsTests(GuardedAccounts accounts) : IClassFixture<GuardedAccounts>
{
    private static readonly StatsWindow s_window = new(Events.Now.AddDays(-20), Events.Now);

    [Fact]
    public async Task Reads_OfEveryStore_AreBehindThePolicies()
    {
        var reads = Reads();
        foreach (var (name, read) in reads)
        {
            Assert.True(await read(accounts.Mine) > 0, $"{name} finds nothing: the test shows nothing");
            Assert.Equal(0, await read(AccountId.New()));
        }

        await accounts.Database.ExecuteAsync(
            """
            DO $$ DECLARE guarded record; BEGIN
              FOR guarded IN SELECT polrelid::regclass AS name FROM pg_policy WHERE polname = 'account' LOOP
                EXECUTE format('ALTER POLICY account ON %s USING (false)', guarded.name);
              END LOOP;
            END $$
            """);

        List<string> open = [];
        foreach (var (name, read) in reads)
        {
            if (await read(accounts.Mine) > 0)
            {
                open.Add(name);
            }
        }

        Assert.Empty(open);
    }

    private Dictionary<string, Func<AccountId, Task<long>>> Reads()
    {
        var db = accounts.Database.Db;
        var (ledger, holds, stats, runs) = (new LedgerStore(db), new HoldsStore(db), new StatsStore(db), new RunsStore(db));
        var alerts = new AlertsStore(db);
        var day = new TimeRange(s_window.From, s_window.To);
        var periods = new CurrentPeriods(day, day, day);
        return new()
        {
            ["account"] = async account => await new AccountsStore(db).GetAsync(account, default) is null ? 0 : 1,
            ["own prices"] = async account => (await new AccountPricesStore(db).GetAsync(account, default)).Version,
            ["customer"] = async account => await new CustomersStore(db).GetAsync(account, "acme", default) is null ? 0 : 1,
            ["customers of ids"] = async account => (await new CustomersStore(db).ListAsync(account, ["acme"], default)).Count,
            ["customers"] = async account => (await new CustomersStore(db).ListAsync(account, null, null, 10, default)).Count,
            ["days of a cap"] = async account => (await new CapSpendStore(db).ByDayAsync(account, new(CapType.Global, ""), s_window.From, s_window.To, default)).Count,
            ["days of a customer's cap"] = async account => (await new CapSpendStore(db).ByDayAsync(account, new(CapType.Customer, "acme"), s_window.From, s_window.To, default)).Count,
            ["days of a narrowed cap"] = async account => (await new CapSpendStore(db).ByDayAsync(
                account, new(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"), s_window.From, s_window.To, default)).Count,
            ["hours of a cap"] = async account => (await new CapSpendStore(db).ByHourAsync(account, new(CapType.Model, "gpt-4o"), [(s_window.From, s_window.To)], default)).Count,
            ["hours of a customer's cap"] = async account => (await new CapSpendStore(db).ByHourAsync(
                account, new(CapType.Customer, "acme", CapSubScope.Provider, "openai"), [(s_window.From, s_window.To)], default)).Count,
            ["members"] = async account => (await new MembersStore(db).ListAsync(account, default)).Count,
            ["invitations"] = async account => (await new InvitationsStore(db).ListAsync(account, DateTimeOffset.MinValue, default)).Count,
            ["keys"] = async account => (await new KeysStore(db).ListAsync(account, default, default)).Count,
            ["caps"] = async account => (await new CapsStore(db).ListAsync(account, default)).Count,
            ["alerts"] = async account => (await alerts.ListAsync(account, 10, default)).Count,
            ["exceeded caps"] = async account => (await alerts.ListExceededAsync(account, null, Events.Now, default)).Count,
            ["ceilings"] = async account => (await holds.LoadAsync(account, Guid.NewGuid(), Events.Now, default)).Ceilings.Count,
            ["holds"] = async account => (await holds.LoadAsync(account, Guid.NewGuid(), Events.Now, default)).Holds.Count,
            ["overruns"] = async account => (await holds.LoadOverrunsAsync(account, Events.Now.AddDays(-9), default)).Count,
            ["head"] = async account => (await ledger.HeadAsync(account, default)).LastSeq,
            ["sum of events"] = async account => (await ledger.SumFromEventsAsync(account, new(CapType.Global, ""), day, default)).Calls,
            ["caps' totals"] = async account => (await ledger.LoadCapTotalsAsync(
                account, [new(new(CapType.Global, ""), s_window.From), new(new(CapType.Customer, "acme"), s_window.From)], default)).Totals.Sum(total => total.Nanos),
            ["narrowed caps' totals"] = async account => (await ledger.LoadCapTotalsAsync(
                account, [new(new(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"), s_window.From)], default)).Totals.Sum(total => total.Nanos),
            ["account's totals"] = async account => (await ledger.LoadAccountAsync(account, periods, default)).Periods.Day.Calls,
            ["customer's totals"] = async account => (await ledger.LoadCustomerAsync(account, "acme", periods, default)).Periods.Day.Calls,
            ["list of models"] = account => ListAsync(account, StatsGroup.Model, default),
            ["list of customers"] = account => ListAsync(account, StatsGroup.Customer, default),
            ["one customer"] = account => ListAsync(account, StatsGroup.Model, new("acme", null, null, null)),
            ["list of calls"] = async account => (await stats.ListCallsAsync(
                Query(account, StatsKeys.Labels, default(StatsFilter) with { Kind = StatsKind.Llm }), StatsCallsGroup.Model, null, 10, default)).Rows.Length,
            ["sections"] = async account => (await stats.ListSectionsAsync(Query(account, StatsKeys.Sections, default), default)).Length,
            ["section"] = async account => (await stats.GetSectionAsync(Query(account, StatsKeys.Sections, default), "agent:researcher", default)).Length,
            ["overview"] = async account => (await stats.OverviewAsync(
                Query(account, StatsKeys.Labels, default), Query(account, StatsKeys.Customers, default), Query(account, StatsKeys.Labels, default), default))
                .Totals.Calls,
            ["runs"] = async account => (await runs.ListLatestAsync(account, s_window, default, null, 10, default)).Runs.Length,
            ["run"] = async account => (await runs.GetAsync(account, "run-1", default))?.Events.Length ?? 0,
        };

        StatsQuery Query(AccountId account, StatsKeys keys, StatsFilter filter) =>
            new(account, RollupPlan.For(s_window, keys, AccountZone.Utc, Events.Now), filter);

        async Task<long> ListAsync(AccountId account, StatsGroup group, StatsFilter filter) =>
            (await stats.ListAsync(Query(account, StatsKeysOf.List(group, filter), filter), group, null, 10, default)).Rows.Length;
    }
}
