using System.Data;
using LlmObserve.Storage.Migrations;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Cluster;

/// <summary>A parameter as Orleans' providers make it: a name without its sign, and a type that follows from the value's.</summary>
public sealed record Argument(string Name, DbType Type, object? Value)
{
    public static Argument Of(string name, string? value) => new(name, DbType.String, value);

    public static Argument Of(string name, int? value) => new(name, DbType.Int32, value);

    public static Argument Of(string name, long? value) => new(name, DbType.Int64, value);

    public static Argument Of(string name, DateTime value) => new(name, DbType.DateTime, value);

    public static Argument Of(string name, byte[] value) => new(name, DbType.Binary, value);
}

/// <summary>
/// A database with both sets of migrations, and the texts of OrleansQuery, run as Orleans' ADO.NET providers run them: read once at start,
/// one command on a connection of its own, every row of every result read. Tests keep apart by cluster and service.
/// </summary>
public sealed class ClusterDatabase : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new();
    private NpgsqlDataSource _db = null!;

    public NpgsqlDataSource Db => _db;

    /// <summary>The stored texts by their keys.</summary>
    public IReadOnlyDictionary<string, string> Queries { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        _db = NpgsqlDataSource.Create(await _postgres.CreateDatabaseAsync());
        await Migrator.MigrateAsync(_db, NullLogger.Instance, CancellationToken.None);
        await Migrator.MigrateAsync(_db, MigrationSet.Cluster, NullLogger.Instance, CancellationToken.None);
        var queries = await ReadAsync(
            "SELECT QueryKey, QueryText FROM OrleansQuery",
            row => (Key: (string)row.GetValue(row.GetOrdinal("QueryKey")), Text: (string)row.GetValue(row.GetOrdinal("QueryText"))),
            []);
        Queries = queries.ToDictionary(query => query.Key, query => query.Text, StringComparer.Ordinal);
    }

    public async Task DisposeAsync()
    {
        await _db.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    /// <summary>Runs the text under <paramref name="key"/>.</summary>
    public Task<List<T>> RunAsync<T>(string key, Func<IDataRecord, T> read, params Argument[] arguments) =>
        ReadAsync(Queries[key], read, arguments);

    /// <summary>Runs the text under <paramref name="key"/>, which has no answer.</summary>
    public async Task RunAsync(string key, params Argument[] arguments) =>
        Assert.Empty(await ReadAsync(Queries[key], row => row.FieldCount, arguments));

    /// <summary>Runs the text under <paramref name="key"/>, whose answer is whether it did something.</summary>
    public async Task<bool> AskAsync(string key, params Argument[] arguments)
    {
        var answers = await ReadAsync(
            Queries[key],
            row =>
            {
                Assert.Equal(1, row.FieldCount);
                return Convert.ToBoolean(row.GetValue(0));
            },
            arguments);
        return Assert.Single(answers);
    }

    /// <summary>Makes a change as somebody else, and leaves it uncommitted.</summary>
    /// <returns>Commits when disposed.</returns>
    public async Task<IAsyncDisposable> HoldAsync(string sql)
    {
        var connection = await _db.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return new Held(connection, transaction);
    }

    /// <summary>Ends when that many statements of this database wait for a lock.</summary>
    public async Task AwaitLockWaitersAsync(int count)
    {
        while (true)
        {
            await using var select = _db.CreateCommand(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND pg_sleep(0.01) IS NOT NULL
                """);
            if ((long)(await select.ExecuteScalarAsync())! >= count)
            {
                return;
            }
        }
    }

    private async Task<List<T>> ReadAsync<T>(string text, Func<IDataRecord, T> read, Argument[] arguments)
    {
        await using var connection = await _db.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        foreach (var argument in arguments)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = argument.Name;
            parameter.Value = argument.Value ?? DBNull.Value;
            parameter.DbType = argument.Type;
            command.Parameters.Add(parameter);
        }

        command.CommandText = text;
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        do
        {
            while (await reader.ReadAsync())
            {
                rows.Add(read(reader));
            }
        }
        while (await reader.NextResultAsync());

        return rows;
    }

    private sealed class Held(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.CommitAsync();
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
