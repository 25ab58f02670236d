using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Users;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Keys;

public sealed class ApiKeyTests(PostgresFixture postgres) : GrainTest(postgres)
{
    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Resolve_LastUseCannotBeWritten_AnswersAllTheSame()
    {
        var key = await CreateKeyAsync();
        Assert.NotNull(await key.ResolveAsync());

        // The write of the last use waits for this lock.
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var lockKeys = new NpgsqlCommand("LOCK TABLE api_keys IN EXCLUSIVE MODE", connection, transaction))
        {
            await lockKeys.ExecuteNonQueryAsync();
        }

        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.NotNull(await key.ResolveAsync().WaitAsync(LongerThanAnyAnswer));
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task Resolve_KeyThatHasExpired_OpensNothingAndSaysWhen()
    {
        var end = Clock.GetUtcNow().AddMinutes(1);
        var key = await CreateKeyAsync(end);
        Assert.Equal("ingest", Assert.Single((await key.ResolveAsync())!.Scopes));

        Clock.Advance(TimeSpan.FromMinutes(1));

        var grant = await key.ResolveAsync();
        Assert.Equal((end, 0), (grant!.ExpiresAt, grant.Scopes.Length));
    }

    [Fact]
    public async Task Resolve_KeyInUseThatWasRevokedByNobodyWhoSaidSo_IsGoneAfterAWhile()
    {
        var key = await CreateKeyAsync();
        var id = (await key.ResolveAsync())!.KeyId;
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using (var revoke = database.CreateCommand("UPDATE api_keys SET revoked_at = now() WHERE id = $1"))
        {
            revoke.Parameters.Add(new() { Value = id });
            await revoke.ExecuteNonQueryAsync();
        }

        Clock.Advance(TimeSpan.FromSeconds(30));

        // The row is read beside the requests: asked until it has been.
        using var patience = new CancellationTokenSource(LongerThanAnyAnswer);
        while (await key.ResolveAsync() is not null)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<IApiKeyGrain> CreateKeyAsync(DateTimeOffset? end = null)
    {
        var now = Clock.GetUtcNow();
        var (user, account) = (UserId.New(), AccountId.New());
        byte[] hash = [.. Guid.NewGuid().ToByteArray(), .. Guid.NewGuid().ToByteArray()];
        var key = new NewApiKey(Guid.NewGuid(), account, user, hash, "llmo_sk_test", "test", ["ingest"], now) { ExpiresAt = end };
        var person = new NewUser(user, $"{user}@example.com", null, null, "solo_dev", account, "Test", now);
        Assert.True(await Host.Get<UsersStore>().CreateAsync(person, key, null, [], CancellationToken.None));
        return Host.Grains.GetGrain<IApiKeyGrain>(Convert.ToHexStringLower(hash));
    }
}
