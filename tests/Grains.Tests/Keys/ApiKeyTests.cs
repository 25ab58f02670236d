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

    private async Task<IApiKeyGrain> CreateKeyAsync()
    {
        var now = Clock.GetUtcNow();
        var (user, account) = (UserId.New(), AccountId.New());
        byte[] hash = [.. Guid.NewGuid().ToByteArray(), .. Guid.NewGuid().ToByteArray()];
        var key = new NewApiKey(Guid.NewGuid(), account, user, hash, "llmo_sk_test", "test", ["ingest"], now);
        var person = new NewUser(user, $"{user}@example.com", null, null, "solo_dev", account, "Test", now);
        Assert.True(await Host.Get<UsersStore>().CreateAsync(person, key, null, [], CancellationToken.None));
        return Host.Grains.GetGrain<IApiKeyGrain>(Convert.ToHexStringLower(hash));
    }
}
