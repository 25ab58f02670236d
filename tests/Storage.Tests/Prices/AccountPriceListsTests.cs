using System.Text;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Prices;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Prices;

public sealed class AccountPriceListsTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private AccountPricesStore Store => new(database.Db);

    [Fact]
    public async Task OfAsync_AccountWithoutPrices_HasNoneAndIsReadOnce()
    {
        var account = await AccountAsync();
        var lists = await ListsAsync();
        Assert.Empty((await lists.OfAsync(account, default)).Prices);

        // Behind everybody's back, without a number: only a second read could find it.
        await database.ExecuteAsync(
            $$"""INSERT INTO price_overrides (account_id, version, overrides, updated_at) VALUES ('{{account.Value}}', 1, '[{"provider":"p","prices":{"input":1} }]', now())""");

        Assert.Empty((await lists.OfAsync(account, default)).Prices);
    }

    [Fact]
    public async Task RefreshAsync_AnotherProcessChanged_TakesWhatIsAtHandAndNothingElse()
    {
        var (mine, other) = (await AccountAsync(), await AccountAsync());
        var lists = await ListsAsync();
        await lists.OfAsync(mine, default);

        await ReplaceAsync(mine, 1, 2);
        await ReplaceAsync(other, 1, 3);
        Assert.Empty((await lists.OfAsync(mine, default)).Prices);
        await lists.RefreshAsync(default);

        Assert.Equal(2, InputOf(await lists.OfAsync(mine, default)));
        Assert.Equal(1, lists.Count);
        Assert.Equal(3, InputOf(await lists.OfAsync(other, default)));
        await ReplaceAsync(mine, 2, 4);
        await ReplaceAsync(mine, 3, 5);
        await lists.RefreshAsync(default);
        Assert.Equal(5, InputOf(await lists.OfAsync(mine, default)));
    }

    [Fact]
    public async Task RefreshAsync_ManyChanges_TakesAll()
    {
        var lists = await ListsAsync();
        List<AccountId> accounts = [];
        for (var i = 0; i < 210; i++)
        {
            accounts.Add(await AccountAsync());
            await lists.OfAsync(accounts[^1], default);
        }

        foreach (var account in accounts)
        {
            await ReplaceAsync(account, 1, 7);
        }

        await lists.RefreshAsync(default);

        foreach (var account in accounts)
        {
            Assert.Equal(7, InputOf(await lists.OfAsync(account, default)));
        }
    }

    [Fact]
    public async Task Take_OwnChange_IsInEffectAtOnceAndNeverTakenBackByAnOlder()
    {
        var account = await AccountAsync();
        var lists = await ListsAsync();
        await lists.OfAsync(account, default);
        var older = await ReplaceAsync(account, 1, 2);
        var newer = await ReplaceAsync(account, 2, 3);

        lists.Take(account, newer);
        lists.Take(account, older);

        Assert.Equal(3, InputOf(await lists.OfAsync(account, default)));
    }

    [Fact]
    public async Task RefreshAsync_ListOfANewerProgram_KeepsTheOldOneAndGoesOn()
    {
        var (mine, other) = (await AccountAsync(), await AccountAsync());
        var lists = await ListsAsync();
        await ReplaceAsync(mine, 1, 2);
        await lists.OfAsync(mine, default);
        await lists.OfAsync(other, default);
        await ReplaceAsync(mine, 2, 3);
        await database.ExecuteAsync($"UPDATE price_overrides SET overrides = 'newer' WHERE account_id = '{mine.Value}'");
        await ReplaceAsync(other, 1, 4);

        await lists.RefreshAsync(default);

        Assert.Equal((2, 4), (InputOf(await lists.OfAsync(mine, default)), InputOf(await lists.OfAsync(other, default))));
    }

    [Fact]
    public async Task OfAsync_DatabaseAway_FailsAndIsReadAnewAfterwards()
    {
        var account = await AccountAsync();
        await ReplaceAsync(account, 1, 2);
        var lists = await ListsAsync();
        await database.ExecuteAsync("ALTER TABLE price_overrides RENAME TO price_overrides_away");
        await Assert.ThrowsAsync<PostgresException>(async () => await lists.OfAsync(account, default));

        await database.ExecuteAsync("ALTER TABLE price_overrides_away RENAME TO price_overrides");

        Assert.Equal(2, InputOf(await lists.OfAsync(account, default)));
    }

    [Fact]
    public async Task OfAsync_MoreAccountsThanAreKept_LetsSomeGo()
    {
        var lists = await ListsAsync();
        var list = new AccountPriceList(1, Prices(1, AccountPrices.MaxPrices), DateTimeOffset.UnixEpoch);
        for (var i = 0; i < AccountPriceLists.MaxPrices / AccountPrices.MaxPrices + 5; i++)
        {
            var account = AccountId.New();
            await lists.OfAsync(account, default);
            lists.Take(account, list);
        }

        Assert.InRange(lists.Count, 1, (AccountPriceLists.MaxPrices / AccountPrices.MaxPrices) + 1);
    }

    [Fact]
    public async Task ReplaceAsync_OfAnotherVersion_WritesNothing()
    {
        var account = await AccountAsync();
        await ReplaceAsync(account, 1, 2);

        Assert.False(await TryReplaceAsync(account, 1, 3));
        Assert.False(await TryReplaceAsync(account, 3, 3));
        Assert.False(await TryReplaceAsync(await AccountAsync(), 2, 3));

        Assert.Equal(1, (await Store.GetAsync(account, default)).Version);
        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(*) FROM audit_log WHERE account_id = '{account.Value}'"));
    }

    [Fact]
    public async Task ReplaceAsync_ManyAtOnce_TakeNumbersThatNobodyMisses()
    {
        var account = await AccountAsync();
        var accounts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AccountAsync()));
        var before = await Store.GetLastChangeAsync(default);

        await Task.WhenAll(accounts.Append(account).Select(each => ReplaceAsync(each, 1, 2)));

        var changed = await Store.ListChangedAsync(before, 100, default);
        Assert.Equal(Enumerable.Range(1, 21).Select(i => before + i), changed.Select(each => each.Change));
        Assert.Equal(accounts.Append(account).ToHashSet(), changed.Select(each => each.Account).ToHashSet());
    }

    private static AccountPrices Prices(int input, int count = 1) => AccountPricesJson.Read(
        Encoding.UTF8.GetBytes($"[{string.Join(",", Enumerable.Range(0, count).Select(i => $$"""{"provider":"p","model":"m{{i}}","prices":{"input":{{input}} } }"""))}]"),
        out _)!;

    private static int InputOf(AccountPrices prices) => (int)Assert.Single(prices.Prices).Period.Rates[PriceKind.Input]!.Base.Usd;

    private async Task<AccountPriceList> ReplaceAsync(AccountId account, int version, int input)
    {
        Assert.True(await TryReplaceAsync(account, version, input));
        return await Store.GetAsync(account, default);
    }

    private Task<bool> TryReplaceAsync(AccountId account, int version, int input) => Store.ReplaceAsync(
        account,
        new AccountPriceList(version, Prices(input), DateTimeOffset.UnixEpoch),
        new AuditEntry(account, DateTimeOffset.UnixEpoch, Actor.System, AuditActions.PricesUpdated, new AuditObject("prices", null, null)),
        default);

    private async Task<AccountPriceLists> ListsAsync()
    {
        var lists = new AccountPriceLists(Store, TimeProvider.System, NullLogger<AccountPriceLists>.Instance);
        await lists.StartAsync(default);
        return lists;
    }

    private async Task<AccountId> AccountAsync()
    {
        var account = AccountId.New();
        await database.ExecuteAsync($"INSERT INTO accounts (id, name, created_at, updated_at) VALUES ('{account.Value}', 'a', now(), now())");
        return account;
    }
}
