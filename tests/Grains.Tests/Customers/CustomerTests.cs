using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Customers;

public sealed class CustomerTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task Totals_BeforeAndAfterEvents_FollowTheLedger()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(account, [Event(cost: "1", customer: "a/b"), Event(cost: "2", customer: "other")]);
        Assert.Equal(new Spend(Dollars("1"), 1), (await CustomerAsync(account)).Day);

        for (var i = 1; i <= 20; i++)
        {
            await Host.RecordAsync(
                account,
                [Event(cost: "1", customer: "a/b"), Event(cost: "1", customer: "a/b", model: "claude", at: Clock.GetUtcNow().AddDays(-1))]);
            var totals = await CustomerAsync(account);
            Assert.Equal(new Spend(Dollars($"{1 + i}"), 1 + i), totals.Day);
            Assert.Equal(new Spend(Dollars($"{1 + (2 * i)}"), 1 + (2 * i)), totals.Month);
            Assert.Equal(new Spend(Dollars($"{i}"), i), totals.ByModel["claude"]);
        }
    }

    [Fact]
    public async Task Totals_AfterAnotherActivationOfTheAccount_AreReloaded()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(account, [Event(cost: "1", customer: "a/b")]);
        await CustomerAsync(account);

        // Another process takes the account over and counts; this one's account is fenced at its next commit.
        await using var other = await GrainHost.StartAsync(ConnectionString, Clock);
        await other.RecordAsync(account, [Event(cost: "2", customer: "a/b")]);
        await Host.RecordAsync(account, [Event(cost: "4", customer: "a/b")]);

        Assert.Equal(Dollars("7"), (await CustomerAsync(account)).Day.Cost);
    }

    [Fact]
    public async Task Totals_CustomerWithoutEvents_AreZero()
    {
        var account = await Host.SignUpAsync();
        Assert.Equal(default, (await CustomerAsync(account)).Month);
    }

    private Task<CustomerTotals> CustomerAsync(AccountId account) =>
        Host.Account(account).GetCustomerTotalsAsync("a/b");
}
