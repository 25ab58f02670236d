using LlmObserve.Bench.Seeding;
using LlmObserve.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Bench;

/// <summary>What the benchmarks of one run share: a private PostgreSQL, with databases made at first use. Leaves nothing running.</summary>
internal sealed class BenchRun(string data, TimeProvider time) : IAsyncDisposable
{
    private PrivatePostgres? _postgres;
    private string? _work;

    public TimeProvider Time => time;

    /// <summary>The server built for a cluster; null where nobody built it.</summary>
    public string? ClusterServer { get; init; }

    public void Say(string text) => Console.Error.WriteLine($"{time.GetLocalNow():HH:mm:ss}  {text}");

    /// <summary>A directory for one server: its own keys, no database.</summary>
    public string DirectoryFor(string name) => Directory.CreateDirectory(Path.Combine(Path.GetFullPath(data), name)).FullName;

    /// <summary>An empty database of this name; an older one is dropped.</summary>
    public async Task<string> FreshDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", cancellationToken);
        await ExecuteAsync($"CREATE DATABASE {name}", cancellationToken);
        return await ConnectionStringAsync(name, cancellationToken);
    }

    /// <summary>
    /// A database with the seeded accounts. It is a copy: what is measured writes into it, and the seed itself is kept for the next run of
    /// the same day.
    /// </summary>
    public async Task<string> SeededDatabaseAsync(CancellationToken cancellationToken)
    {
        if (_work is null)
        {
            var seed = await SeedDatabase.EnsureAsync(this, cancellationToken);
            await ExecuteAsync("DROP DATABASE IF EXISTS work WITH (FORCE)", cancellationToken);
            // Copied file by file: through the log it would take several times as long.
            await ExecuteAsync($"CREATE DATABASE work TEMPLATE {seed} STRATEGY FILE_COPY", cancellationToken);
            _work = await ConnectionStringAsync("work", cancellationToken);
        }

        return _work;
    }

    public async Task<string> ConnectionStringAsync(string database, CancellationToken cancellationToken) =>
        new NpgsqlConnectionStringBuilder((await PostgresAsync(cancellationToken)).ConnectionString) { Database = database }.ConnectionString;

    public async Task<string> PostgresVersionAsync(CancellationToken cancellationToken) =>
        (await QueryAsync("SHOW server_version", cancellationToken))[0].Split(' ')[0];

    /// <summary>Runs a statement about databases.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await MaintenanceAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of a query about databases.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await MaintenanceAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> values = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is null)
        {
            return;
        }

        if (_work is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await ExecuteAsync("DROP DATABASE IF EXISTS work WITH (FORCE)", CancellationToken.None);
        }

        await _postgres.DisposeAsync();
    }

    private async Task<NpgsqlConnection> MaintenanceAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection((await PostgresAsync(cancellationToken)).MaintenanceConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private async Task<PrivatePostgres> PostgresAsync(CancellationToken cancellationToken) =>
        _postgres ??= await PrivatePostgres.StartAsync(data, time, NullLogger.Instance, cancellationToken);
}
