using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Tests.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>
/// A connection goes back to the pool with the login role and without an account, whatever happened to the read. The pool has one connection and
/// resets nothing.
/// </summary>
public sealed class PooledConnectionTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private readonly AccountId _account = AccountId.New();
    private NpgsqlDataSource _one = null!;
    private int _process;

    public async Task InitializeAsync()
    {
        _one = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, NoResetOnClose = true }.ConnectionString);
        _process = (await LookAsync()).Process;
    }

    public async Task DisposeAsync() => await _one.DisposeAsync();

    [Fact]
    public async Task Read_Done_LeavesNothing()
    {
        await using (var read = new AccountRead(_one, _account))
        {
            read.Add("SELECT current_user::text, current_setting('llmobserve.account')");
            await using var reader = await read.ExecuteReaderAsync(default);
            Assert.True(await reader.ReadAsync());
            Assert.Equal((DatabaseRoles.Reader, _account.Value.ToString()), (reader.GetString(0), reader.GetString(1)));
        }

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Read_NotReadToItsEnd_LeavesNothing()
    {
        await using (var read = new AccountRead(_one, _account))
        {
            read.Add("SELECT repeat('x', 1000) FROM generate_series(1, 10000)");
            await using var reader = await read.ExecuteReaderAsync(default);
            Assert.True(await reader.ReadAsync());
        }

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Read_Fails_LeavesNothing()
    {
        await using (var read = new AccountRead(_one, _account))
        {
            read.Add("SELECT 1 / 0");
            await Assert.ThrowsAsync<PostgresException>(() => read.ExecuteReaderAsync(default));
        }

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Read_Cancelled_LeavesNothing()
    {
        // Locks are taken as the owner; a read waits behind one.
        await using var connection = await database.Db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE caps IN ACCESS EXCLUSIVE MODE", connection, transaction))
        {
            await take.ExecuteNonQueryAsync();
        }

        using var cancellation = new CancellationTokenSource();
        var read = new CapsStore(_one).ListAsync(_account, cancellation.Token);
        Assert.Contains(_process, await database.LockWaitersAsync(1));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Read_InATransactionThatFails_LeavesNothing()
    {
        await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var connection = await _one.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var read = new AccountRead(transaction, _account);
            read.Add("SELECT 1 FROM sessions");
            await read.ExecuteReaderAsync(default);
        });

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task LedgerConnection_GivenBack_LeavesNothing()
    {
        var week = LedgerWeek.Of(Events.Now);
        await database.Partitions.EnsureAroundAsync(week, default);
        await using (var connection = new LedgerConnection(_one, new LedgerTimeouts()))
        {
            await connection.PrepareAsync(week, default);
        }

        await AssertUnchangedAsync();
        await using var look = _one.CreateCommand("SELECT current_setting('enable_seqscan')");
        Assert.Equal("on", await look.ExecuteScalarAsync());
    }

    private async Task AssertUnchangedAsync()
    {
        var (process, role, account) = await LookAsync();
        Assert.Equal(_process, process);
        Assert.Equal(new NpgsqlConnectionStringBuilder(database.ConnectionString).Username, role);
        Assert.Equal("", account);
    }

    private async Task<(int Process, string Role, string Account)> LookAsync()
    {
        await using var look = _one.CreateCommand(
            "SELECT pg_backend_pid(), current_user::text, coalesce(current_setting('llmobserve.account', true), '')");
        await using var reader = await look.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt32(0), reader.GetString(1), reader.GetString(2));
    }
}
