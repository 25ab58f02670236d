using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests;

/// <summary>A migrated database for one test class. Its tests keep apart by accounts of their own.</summary>
public sealed class StorageDatabase : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new();

    public NpgsqlDataSource Db { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    public LedgerPartitions Partitions => new(Db);

    public LedgerStore Ledger => new(Db);

    /// <summary>A writer that waits for the locks of a test for as long as the test holds them.</summary>
    public LedgerWriter CreateWriter(NpgsqlDataSource? db = null, TestMeters? meters = null) => new(
        db ?? Db, Partitions, TimeProvider.System, meters ?? new TestMeters(), NullLogger<LedgerWriter>.Instance)
    {
        Timeouts = new LedgerTimeouts { StatementSeconds = 300, LockSeconds = 300 },
    };

    public async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        ConnectionString = await _postgres.CreateDatabaseAsync();
        Db = NpgsqlDataSource.Create(ConnectionString);
        await Migrator.MigrateAsync(Db, NullLogger.Instance, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Db.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    /// <summary>An account's next epoch; the account need not exist, and gets a ledger's head where it has none.</summary>
    public async Task<LedgerHead> TakeEpochAsync(AccountId account)
    {
        await ExecuteAsync($"INSERT INTO ledger_heads (account_id) VALUES ('{account.Value}') ON CONFLICT DO NOTHING");
        return await Ledger.TakeEpochAsync(account, default);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Db.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>
    /// Holds up the commits of an account in the middle, after they have locked its head, until disposed: they wait for a row of a rollup that
    /// somebody else has inserted and not committed.
    /// </summary>
    public async Task<IAsyncDisposable> HoldCommitsAsync(AccountId account)
    {
        var like = Tests.Ledger.Events.Make("");
        var measures = string.Join(", ", Rollup.Measures.Select(measure => measure.Name));
        var zeros = string.Join(", ", Rollup.Measures.Select(_ => "0"));
        var connection = await Db.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            $"""
            BEGIN;
            INSERT INTO usage_day_total (account_id, day, provider, model, agent, span_kind, {measures})
            VALUES ('{account.Value}', '{like.OccurredAt:yyyy-MM-dd} 00:00Z', '{like.Provider}', '{like.Model}', '{like.Agent}', {(int)like.Kind}, {zeros})
            """,
            connection);
        await command.ExecuteNonQueryAsync();
        return new HeldCommits(connection);
    }

    /// <summary>Ends when that many statements of this database wait for a lock.</summary>
    /// <returns>Their processes.</returns>
    public async Task<int[]> LockWaitersAsync(int count)
    {
        while (true)
        {
            var waiting = await ScalarAsync<int[]>(
                """
                SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND pg_sleep(0.01) IS NOT NULL
                """);
            if (waiting.Length >= count)
            {
                return waiting;
            }
        }
    }

    private sealed class HeldCommits(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (var command = new NpgsqlCommand("ROLLBACK", connection))
            {
                await command.ExecuteNonQueryAsync();
            }

            await connection.DisposeAsync();
        }
    }
}
