using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Users;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Keys;

/// <summary>When a key was last used is on record within a minute, and does not cost a write a request.</summary>
public sealed class LastUsedTests(PostgresFixture postgres) : GrainTest(postgres)
{
    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task LastUsed_OfAKeyUsedAThousandTimes_IsWrittenOnceWithinAMinute()
    {
        var now = Clock.GetUtcNow();
        var (user, account) = (UserId.New(), AccountId.New());
        byte[] hash = [.. Guid.NewGuid().ToByteArray(), .. Guid.NewGuid().ToByteArray()];
        var key = new NewApiKey(Guid.NewGuid(), account, user, hash, "llmo_sk_test", "test", ["ingest"], now);
        var person = new NewUser(user, $"{user}@example.com", null, null, "solo_dev", account, "Test", now);
        Assert.True(await Host.Get<UsersStore>().CreateAsync(person, key, null, [], CancellationToken.None));
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await ExecuteAsync(
            database,
            """
            CREATE TABLE key_writes (key_id uuid);
            CREATE FUNCTION count_key_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO key_writes VALUES (NEW.id); RETURN NEW; END';
            CREATE TRIGGER count_key_writes AFTER UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION count_key_write();
            """);
        var grain = Host.Grains.GetGrain<IApiKeyGrain>(Convert.ToHexStringLower(hash));

        for (var use = 0; use < 1_000; use++)
        {
            Assert.NotNull(await grain.ResolveAsync());
        }

        Assert.Null(await LastUsedAsync(database, key.Id));
        Clock.Advance(TimeSpan.FromMinutes(1));

        // It is written beside the requests: looked at until it has been.
        using var patience = new CancellationTokenSource(LongerThanAnyAnswer);
        DateTimeOffset? used;
        while ((used = await LastUsedAsync(database, key.Id)) is null)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(now, used);
        await using var count = database.CreateCommand("SELECT count(*) FROM key_writes");
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    private static async Task<DateTimeOffset?> LastUsedAsync(NpgsqlDataSource database, Guid key)
    {
        await using var select = database.CreateCommand("SELECT last_used_at FROM api_keys WHERE id = $1");
        select.Parameters.Add(new() { Value = key });
        return await select.ExecuteScalarAsync() is DateTime at ? new DateTimeOffset(at) : null;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
