using System.Diagnostics;
using LlmObserve.Storage.Postgres;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Postgres;

public sealed class PrivatePostgresTests : IDisposable
{
    private readonly string _data = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"llmobserve-private-{Guid.NewGuid():N}"[..30])).FullName;

    public void Dispose()
    {
        foreach (var location in Directory.EnumerateFiles(_data, "location", SearchOption.AllDirectories))
        {
            Directory.Delete(File.ReadAllText(location).Trim(), recursive: true);
        }

        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task StartAsync_SecondRunOnSameData_FindsWhatTheFirstWrote()
    {
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
        }

        await using var second = await StartAsync();

        Assert.Equal(42, await ExecuteAsync(second, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task StartAsync_NewServer_IsDurable()
    {
        await using var server = await StartAsync();

        Assert.Equal(
            "on,on,on,on",
            await ExecuteAsync(
                server,
                "SELECT concat_ws(',', current_setting('fsync'), current_setting('full_page_writes'), " +
                "current_setting('synchronous_commit'), current_setting('data_checksums'))"));
    }

    [Fact]
    public async Task StartAsync_DataInUse_SaysWhoUsesIt()
    {
        await using var server = await StartAsync();

        var refused = await Assert.ThrowsAsync<DataDirectoryInUseException>(StartAsync);

        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_ServerKilled_RecoversWhatWasCommitted()
    {
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first, "CREATE TABLE kept (n int)");
            await ExecuteAsync(first, "INSERT INTO kept VALUES (7)");
            using var postmaster = Process.GetProcessById(first.ProcessId);
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }

        await using var second = await StartAsync();

        Assert.Equal(7, await ExecuteAsync(second, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task StartAsync_PathTooLongForASocket_ListensOnLoopback()
    {
        var deep = Path.Combine(_data, new string('d', 100));

        await using var server = await PrivatePostgres.StartAsync(deep, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

        Assert.Equal("127.0.0.1", new NpgsqlConnectionStringBuilder(server.ConnectionString).Host);
        Assert.Equal(1, await ExecuteAsync(server, "SELECT 1"));
    }

    // Root's server runs as another user, whom a closed directory keeps out: as root this covers the place that is used instead.
    [Fact]
    public async Task StartAsync_BelowAClosedDirectory_WorksAndFindsItsDataAgain()
    {
        var closed = Path.Combine(_data, "closed");
        PrivateFiles.CreateDirectory(closed);
        var data = Path.Combine(closed, "data");
        await using (var first = await PrivatePostgres.StartAsync(data, TimeProvider.System, NullLogger.Instance, CancellationToken.None))
        {
            await ExecuteAsync(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
        }

        await using var second = await PrivatePostgres.StartAsync(data, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(42, await ExecuteAsync(second, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task StartAsync_WrongPassword_IsRefused()
    {
        await using var server = await StartAsync();
        var guess = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "guess", Pooling = false };

        await using var connection = new NpgsqlConnection(guess.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task StartAsync_DataOfAVersionNotInstalled_NamesTheVersion()
    {
        var cluster = Directory.CreateDirectory(Path.Combine(_data, "postgres", "server", "db")).FullName;
        await File.WriteAllTextAsync(Path.Combine(cluster, "PG_VERSION"), "9\n");

        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(StartAsync);

        Assert.Contains("PostgreSQL 9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_DamagedCluster_ShowsTheEndOfTheLog()
    {
        await using (await StartAsync())
        {
        }

        var location = Path.Combine(_data, "postgres", "server", "db", "global", "pg_control");
        await File.WriteAllBytesAsync(location, []);

        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(StartAsync);

        Assert.Contains("pg_control", refused.Message, StringComparison.Ordinal);
    }

    private Task<PrivatePostgres> StartAsync() =>
        PrivatePostgres.StartAsync(_data, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static async Task<object?> ExecuteAsync(PrivatePostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

public sealed class PostgresFixtureTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task CreateDatabaseAsync_Twice_GivesTwoEmptyDatabases()
    {
        var one = await postgres.CreateDatabaseAsync();
        var other = await postgres.CreateDatabaseAsync();

        await using var source = NpgsqlDataSource.Create(one);
        await using (var create = source.CreateCommand("CREATE TABLE here (n int)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using var elsewhere = NpgsqlDataSource.Create(other);
        await using var look = elsewhere.CreateCommand("SELECT to_regclass('here')::text");
        Assert.Equal(DBNull.Value, await look.ExecuteScalarAsync());
    }
}
