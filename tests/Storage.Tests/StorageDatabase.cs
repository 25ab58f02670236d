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

    public LedgerWriter CreateWriter() => new(Db, Partitions, NullLogger<LedgerWriter>.Instance);

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
}
