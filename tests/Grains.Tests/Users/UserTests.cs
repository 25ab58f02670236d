using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Users;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Users;

public sealed class UserTests(PostgresFixture postgres) : GrainTest(postgres)
{
    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Get_RowsChangedByAProcessThatSaidNothing_IsSeenWithinAMinute()
    {
        var user = await CreateAsync();
        var grain = Host.Grains.GetGrain<IUserGrain>(user.ToString());
        Assert.Equal("before", (await grain.GetAsync())!.Name);
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand("UPDATE users SET name = 'after' WHERE id = $1");
        command.Parameters.Add(new() { Value = user.Value });
        await command.ExecuteNonQueryAsync();

        Clock.Advance(TimeSpan.FromMinutes(1));

        // The rows are read beside the requests: asked until they have been.
        using var patience = new CancellationTokenSource(LongerThanAnyAnswer);
        while ((await grain.GetAsync())!.Name != "after")
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Get_PersonWhoLeft_IsNobodyOnceRefreshed()
    {
        var user = await CreateAsync();
        var grain = Host.Grains.GetGrain<IUserGrain>(user.ToString());
        Assert.NotNull(await grain.GetAsync());
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand("UPDATE users SET closed_at = now() WHERE id = $1");
        command.Parameters.Add(new() { Value = user.Value });
        await command.ExecuteNonQueryAsync();

        await grain.RefreshAsync();

        Assert.Null(await grain.GetAsync());
    }

    private async Task<UserId> CreateAsync()
    {
        var now = Clock.GetUtcNow();
        var (user, account) = (UserId.New(), AccountId.New());
        byte[] hash = [.. Guid.NewGuid().ToByteArray(), .. Guid.NewGuid().ToByteArray()];
        var key = new NewApiKey(Guid.NewGuid(), account, user, hash, "llmo_sk_test", "test", ["ingest"], now);
        var person = new NewUser(user, $"{user}@example.com", null, "before", "solo_dev", account, "Test", now);
        Assert.True(await Host.Get<UsersStore>().CreateAsync(person, key, null, [], CancellationToken.None));
        return user;
    }
}
