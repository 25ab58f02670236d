using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;
using LlmObserve.Storage.Tests.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>Row security must not keep what a query is narrowed by out of the index: that goes for operators that are leakproof only.</summary>
public sealed class PlanTests(GuardedAccounts accounts) : IClassFixture<GuardedAccounts>
{
    private static readonly StatsWindow s_window = new(Events.Now.AddDays(-15), Events.Now);

    [Fact]
    public async Task Runs_AreFoundByAccountAndTime() => AssertIndexed(
        await PlanAsync(command => RunsSql.Latest(command.Parameters, accounts.Mine, s_window, default, new(Events.Now.AddHours(-1), 3), 10, 5_000)),
        "account_id = ", "occurred_at >= ", "occurred_at <= ");

    [Fact]
    public async Task RunsEvents_AreFoundByRun() => AssertIndexed(
        await PlanAsync(command =>
        {
            command.Parameters.Add(new() { Value = accounts.Mine.Value });
            command.Parameters.Add(new() { Value = "run-1" });
            command.Parameters.Add(new() { Value = 100 });
            return RunsSql.Events;
        }),
        "account_id = ", "run_id = ");

    [Fact]
    public async Task Sums_AreFoundByTimeAndNames()
    {
        var filter = new StatsFilter(null, "openai", "gpt-4o", "researcher");
        AssertIndexed(
            await PlanAsync(command => new StatsSql(command.Parameters, accounts.Mine, filter).Totals(Plan(filter))),
            "account_id = ", "day >= ", "day < ", "provider = ", "model = ", "agent = ");
    }

    [Fact]
    public async Task OneCustomersSums_AreFoundByTimeAndCustomer()
    {
        var filter = new StatsFilter("acme", "openai", null, null);
        AssertIndexed(
            await PlanAsync(command => new StatsSql(command.Parameters, accounts.Mine, filter).Totals(Plan(filter))),
            "account_id = ", "day >= ", "day < ", "customer_id = ", "provider = ");
    }

    [Fact]
    public async Task Stretches_AreFoundByIdAndNarrowing()
    {
        var filter = new StatsFilter(null, "openai", "gpt-4o", null);
        var plan = await PlanAsync(command => new StatsSql(command.Parameters, accounts.Mine, filter).Page(
            StretchCover.Of(RollupPlan.For(s_window, StatsKeys.CustomersAndLabels, AccountZone.Utc, Events.Now)) with { Stretches = [1, 2] }, StatsGroup.Customer, default, null, null, 10));

        AssertIndexed(plan, "stretch_id = ", "narrowing = ", "model = ", "provider = ");
        Assert.Contains(plan, line => line.Contains("hashed SubPlan", StringComparison.Ordinal));
    }

    /// <summary>The account is compared once and not row by row, and every one of these conditions is in some index condition.</summary>
    private static void AssertIndexed(List<string> plan, params string[] conditions)
    {
        var text = string.Join("\n", plan);
        var indexed = string.Join("\n", plan.Where(line => line.Contains("Index Cond:", StringComparison.Ordinal)));
        Assert.All(conditions, condition => Assert.True(indexed.Contains(condition, StringComparison.Ordinal), $"{condition} is not in the index:\n{text}"));
        Assert.Contains("One-Time Filter: ((NULLIF(current_setting('llmobserve.account'", text, StringComparison.Ordinal);
        Assert.DoesNotContain(plan, line => line.Contains(" Filter: ", StringComparison.Ordinal)
            && !line.Contains("One-Time", StringComparison.Ordinal)
            && line.Contains("current_setting", StringComparison.Ordinal)
            && !line.Contains("(account_id = ", StringComparison.Ordinal));
    }

    private static RollupPlan Plan(StatsFilter filter) => RollupPlan.For(s_window, StatsKeysOf.Sums(filter), AccountZone.Utc, Events.Now);

    private async Task<List<string>> PlanAsync(Func<NpgsqlBatchCommand, string> write)
    {
        var command = new NpgsqlBatchCommand();
        var sql = write(command);
        return await accounts.ReadAsync<string>(
            accounts.Mine,
            $"EXPLAIN (COSTS OFF) {sql}",
            ["SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off"],
            [.. command.Parameters.Select(parameter => parameter.Value!)]);
    }
}
