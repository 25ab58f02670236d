using LlmObserve.Storage.Postgres;
using Npgsql;
using Xunit;

namespace LlmObserve.Testing;

/// <summary>
/// Databases on a real PostgreSQL for tests. One server serves the whole test process, whichever and however many classes ask
/// (<c>IClassFixture&lt;PostgresFixture&gt;</c> or a collection). Without PostgreSQL every such test fails, with what to install.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<PrivatePostgres>> s_server = new(TestServer.StartAsync);
    private static int s_databases;

    private PrivatePostgres? _server;

    /// <summary>The process's server, for tests that look at it from outside.</summary>
    public PrivatePostgres Server => _server ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <inheritdoc />
    public async Task InitializeAsync() => _server = await s_server.Value;

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Makes an empty database that nobody else uses.</summary>
    /// <returns>How to reach it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref s_databases)}";
        await using var connection = new NpgsqlConnection(Server.MaintenanceConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = name }.ConnectionString;
    }
}
