using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Accounts;

public sealed class RecordTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task Record_NewEvents_AreCountedInTotalsAndCaps()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "100");
        await CreateCapAsync(account, "100", new CapScope(CapType.Customer, "acme"), CapPeriod.Daily);
        await CreateCapAsync(account, "100", new CapScope(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"), CapPeriod.Weekly);
        await CreateCapAsync(account, "100", new CapScope(CapType.Model, "claude-sonnet"));

        var result = await Host.RecordAsync(
            account, [Event(cost: "0.5", customer: "acme"), Event(cost: "0.25", customer: "beta"), Event(cost: "0.125", model: "claude-sonnet", customer: "acme")]);

        Assert.Equal(new RecordResult(RecordOutcome.Recorded, 3, 0, []), result);
        var totals = await Host.Account(account).GetTotalsAsync();
        Assert.Equal(new Spend(Dollars("0.875"), 3), totals.Day);
        Assert.Equal(totals.Day, totals.Month);
        Assert.Equal(totals.Day, totals.Overall);
        Assert.Equal(new Spend(Dollars("0.75"), 2), totals.ByModel["gpt-4o"]);
        var spent = (await Host.Account(account).GetCapsAsync()).Select(state => state.Spent);
        Assert.Equal([Dollars("0.875"), Dollars("0.625"), Dollars("0.5"), Dollars("0.125")], spent);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Record_SameBatchThreeTimes_IsCountedOnce()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "100");
        var batch = Events(10);

        var first = await Host.RecordAsync(account, [.. batch]);
        var second = await Host.RecordAsync(account, [.. batch]);
        var third = await Host.RecordAsync(account, [.. batch, Event("new")]);

        Assert.Equal((10, 0), (first.Created, first.Skipped));
        Assert.Equal((0, 10), (second.Created, second.Skipped));
        Assert.Equal((1, 10), (third.Created, third.Skipped));
        Assert.Equal(new Spend(Dollars("0.11"), 11), (await Host.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Record_SameIdTwiceInOneBatch_CountsTheFirst()
    {
        var account = await Host.SignUpAsync();
        var result = await Host.RecordAsync(account, [Event("a", "1"), Event("a", "2"), Event("b", "4")]);
        Assert.Equal((2, 1), (result.Created, result.Skipped));
        Assert.Equal(Dollars("5"), (await Host.Account(account).GetTotalsAsync()).Overall.Cost);
    }

    [Fact]
    public async Task Record_OverlappingBatchesAtOnce_CountsEachIdOnce()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "100");
        var all = Events(400);

        // Twenty clients, each with a window of ids that overlaps its neighbours'.
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            client => Task.Run(() => Host.RecordAsync(account, [.. all.Skip(client * 20).Concat(all).Take(200)]))));

        Assert.All(results, result => Assert.Equal(RecordOutcome.Recorded, result.Outcome));
        Assert.Equal(400, results.Sum(result => result.Created));
        Assert.Equal((20 * 200) - 400, results.Sum(result => result.Skipped));
        Assert.Equal(new Spend(Dollars("4"), 400), (await Host.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Record_ManyAccountsAtOnce_KeepsThemApart()
    {
        var accounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Host.SignUpAsync()));
        await Task.WhenAll(accounts.SelectMany((account, n) => Enumerable.Range(0, 5).Select(
            batch => Host.RecordAsync(account, [.. Events(n + 1, $"batch{batch}")]))));

        foreach (var (account, n) in accounts.Select((account, n) => (account, n)))
        {
            Assert.Equal(5 * (n + 1), (await Host.Account(account).GetTotalsAsync()).Overall.Calls);
        }
    }

    [Fact]
    public async Task Record_MoreThanABatchMayHold_IsRefused()
    {
        var account = await Host.SignUpAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Host.RecordAsync(account, [.. Events(EventBatch.MaxEvents + 1)]));
    }

    [Fact]
    public async Task Record_BatchBeyondTheTotalsRange_FailsAloneAmongThoseThatWaitWithIt()
    {
        var account = await Host.SignUpAsync();
        var nearlyFull = Event("full") with { Cost = Usd.MaxValue - Dollars("1") };
        await Host.RecordAsync(account, [nearlyFull]);

        // What is sent while the first commits goes into one commit.
        var results = await Task.WhenAll(Enumerable.Range(0, 9).Select(
            n => Host.RecordAsync(account, n == 4 ? [Event("too-much", "2")] : [Event($"good-{n}", "0.1"), Event("common", "0.1")])));

        Assert.Equal([4], Enumerable.Range(0, 9).Where(n => results[n].Outcome == RecordOutcome.OutOfRange));
        Assert.Equal(9, results.Sum(result => result.Created));
        Assert.Equal(7, results.Sum(result => result.Skipped));
        Assert.Equal(
            new Spend(nearlyFull.Cost + Dollars("0.9"), 10), (await Host.Account(account).GetTotalsAsync()).Overall);
    }

    [Fact]
    public async Task Totals_LoadedWithEventsOfTheNextMonth_HaveThemOnceItBegins()
    {
        var account = await Host.SignUpAsync();
        Clock.Advance(new DateTimeOffset(2026, 3, 31, 23, 58, 0, TimeSpan.Zero) - Clock.GetUtcNow());
        await Host.RecordAsync(
            account, [Event(cost: "1", customer: "acme"), Event(cost: "2", customer: "acme", at: Clock.GetUtcNow().AddMinutes(4))]);

        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        var before = await restarted.Account(account).GetTotalsAsync();
        var customerBefore = await restarted.Account(account).GetCustomerTotalsAsync("acme");
        Clock.Advance(TimeSpan.FromMinutes(5));
        var after = await restarted.Account(account).GetTotalsAsync();
        var customerAfter = await restarted.Account(account).GetCustomerTotalsAsync("acme");

        var (march, april) = (new Spend(Dollars("1"), 1), new Spend(Dollars("2"), 1));
        Assert.Equal((march, march, march, march), (before.Day, before.Month, before.ByModel["gpt-4o"], before.ByAgent["writer"]));
        Assert.Equal((april, april, april, april), (after.Day, after.Month, after.ByModel["gpt-4o"], after.ByAgent["writer"]));
        Assert.Equal(new Spend(Dollars("3"), 2), after.Week);
        Assert.Equal((march, march, march), (customerBefore.Day, customerBefore.Month, customerBefore.ByModel["gpt-4o"]));
        Assert.Equal((april, april, april), (customerAfter.Day, customerAfter.Month, customerAfter.ByModel["gpt-4o"]));
    }

    [Fact]
    public async Task Totals_AfterRestart_AreTheSame()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "100", new CapScope(CapType.Agent, "writer"));
        await Host.RecordAsync(account, [.. Events(50, customer: "acme")]);
        var before = await Host.Account(account).GetTotalsAsync();

        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        var after = await restarted.Account(account).GetTotalsAsync();

        Assert.Equal(
            (before.Day, before.Week, before.Month, before.Overall, before.ByAgent["writer"]),
            (after.Day, after.Week, after.Month, after.Overall, after.ByAgent["writer"]));
        Assert.Equal(Dollars("0.5"), Assert.Single(await restarted.Account(account).GetCapsAsync()).Spent);
        await AssertCapsEqualLedgerAsync(account, restarted);
    }
}
