using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Tests.Holds;
using Npgsql;

namespace LlmObserve.Storage.Tests.Accounts;

public sealed class AccountsStoreTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private readonly AccountsStore _store = new(database.Db);

    [Fact]
    public async Task UpdateCheckSettings_CurrentEpoch_ChangesThoseOfThisAccount()
    {
        var (account, other) = (await HeldAccount.CreateAsync(database), await HeldAccount.CreateAsync(database));
        var before = (await _store.GetAsync(account.Id, default))!;
        Assert.Equal(("allow", 1m), (before.UnpricedPolicy, before.MaxHoldShare));

        Assert.True(await _store.UpdateCheckSettingsAsync(account.Id, account.Epoch, "deny", 0.125m, HeldAccount.Now, null, default));

        Assert.Equal(before with { UnpricedPolicy = "deny", MaxHoldShare = 0.125m }, await _store.GetAsync(account.Id, default));
        Assert.Equal(HeldAccount.Now.UtcDateTime, await database.ScalarAsync<DateTime>($"SELECT updated_at FROM accounts WHERE id = '{account.Id.Value}'"));
        Assert.Equal(1m, (await _store.GetAsync(other.Id, default))!.MaxHoldShare);
    }

    [Fact]
    public async Task UpdateCheckSettings_EpochIsOver_ChangesNothing()
    {
        var account = await HeldAccount.CreateAsync(database);
        var before = await _store.GetAsync(account.Id, default);
        await account.WakeAsync();

        Assert.False(await _store.UpdateCheckSettingsAsync(account.Id, account.Epoch - 1, "deny", 0.5m, HeldAccount.Now, null, default));
        Assert.False(await _store.UpdateCheckSettingsAsync(AccountId.New(), account.Epoch, "deny", 0.5m, HeldAccount.Now, null, default));

        Assert.Equal(before, await _store.GetAsync(account.Id, default));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1.0000001")]
    public async Task UpdateCheckSettings_NoShare_IsRefused(string share)
    {
        var account = await HeldAccount.CreateAsync(database);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _store.UpdateCheckSettingsAsync(
            account.Id, account.Epoch, "allow", decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture), HeldAccount.Now, null, default));

        Assert.Equal(PostgresErrorCodes.CheckViolation, refused.SqlState);
    }
}
