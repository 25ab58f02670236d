using LlmObserve.Storage.Migrations;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Migrations;

public sealed class MigrationSetTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private NpgsqlDataSource _db = null!;

    public async Task InitializeAsync() => _db = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

    public async Task DisposeAsync() => await _db.DisposeAsync();

    [Fact]
    public void Sets_OfThisProgram_HaveTheFilesOfTheirOwnFolderInOrder()
    {
        Assert.Equal("0001_accounts.sql", MigrationSet.Main.Migrations[0].Name);
        Assert.Equal(["0001_membership.sql", "0002_grain_state.sql"], MigrationSet.Cluster.Migrations.Take(2).Select(file => file.Name));
        foreach (var set in new[] { MigrationSet.Main, MigrationSet.Cluster })
        {
            var versions = set.Migrations.Select(file => file.Version).ToList();
            Assert.Equal(versions.Distinct().Order(), versions);
        }
    }

    [Fact]
    public async Task Migrate_NoSetNamed_LeavesTheClusterOut()
    {
        await Migrator.MigrateAsync(_db, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(MigrationSet.Main.Migrations.Select(file => file.Sha256), await HistoryAsync("schema_migrations", "sha256"));
        Assert.Empty(await TextsAsync("SELECT relname FROM pg_class WHERE relname LIKE '%orleans%'"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Migrate_BothSets_EitherOrder_KeepHistoriesApart(bool mainFirst)
    {
        foreach (var set in mainFirst ? [MigrationSet.Main, MigrationSet.Cluster] : new[] { MigrationSet.Cluster, MigrationSet.Main })
        {
            await MigrateAsync(set);
        }

        Assert.Equal(MigrationSet.Main.Migrations.Select(file => file.Name), await HistoryAsync("schema_migrations", "name"));
        Assert.Equal(MigrationSet.Cluster.Migrations.Select(file => file.Name), await HistoryAsync("schema_migrations_orleans", "name"));
    }

    [Fact]
    public async Task Migrate_ClusterAgain_ChangesNothing()
    {
        await MigrateAsync(MigrationSet.Cluster);
        var history = await HistoryAsync(MigrationSet.Cluster.History, "xmin, name, sha256, applied_at");
        var queries = await QueriesAsync();

        await MigrateAsync(MigrationSet.Cluster);

        Assert.Equal(history, await HistoryAsync(MigrationSet.Cluster.History, "xmin, name, sha256, applied_at"));
        Assert.Equal(queries, await QueriesAsync());
        Assert.NotEmpty(queries);
    }

    [Fact]
    public async Task Migrate_ClusterFromManyProcessesAtOnce_AppliesEachFileOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MigrateAsync(MigrationSet.Cluster)));

        Assert.Equal(MigrationSet.Cluster.Migrations.Select(file => file.Name), await HistoryAsync(MigrationSet.Cluster.History, "name"));
    }

    [Fact]
    public async Task Migrate_ClusterFileChanged_IsRefused()
    {
        await MigrateAsync(MigrationSet.Cluster);
        var queries = await QueriesAsync();
        var landed = MigrationSet.Cluster.Migrations[0];
        var changed = MigrationSet.Cluster with
        {
            Migrations = [Migration.FromFile(landed.Name, landed.Sql + "-- more\n"), .. MigrationSet.Cluster.Migrations.Skip(1)],
        };

        var refused = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(changed));

        Assert.Contains(landed.Name, refused.Message, StringComparison.Ordinal);
        Assert.Equal(queries, await QueriesAsync());
    }

    [Fact]
    public async Task Migrate_ClusterFileAdded_IsAppliedAloneAndThenUnknownToTheOlderProgram()
    {
        await MigrateAsync(MigrationSet.Cluster);
        var queries = await QueriesAsync();
        var added = Migration.FromFile("0999_more.sql", "INSERT INTO OrleansQuery VALUES ('More', 'SELECT 1');");
        var newer = MigrationSet.Cluster with { Migrations = [.. MigrationSet.Cluster.Migrations, added] };

        await MigrateAsync(newer);

        Assert.Equal(queries.Count + 1, (await QueriesAsync()).Count);
        var refused = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(MigrationSet.Cluster));
        Assert.Contains(added.Name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_ClusterFileFails_NothingOfItStays()
    {
        var failing = Migration.FromFile("0999_failing.sql", "CREATE TABLE orleans_half (id integer); SELECT 1 / 0;");

        await Assert.ThrowsAsync<MigrationException>(
            () => MigrateAsync(MigrationSet.Cluster with { Migrations = [.. MigrationSet.Cluster.Migrations, failing] }));

        Assert.Empty(await TextsAsync("SELECT relname FROM pg_class WHERE relname = 'orleans_half'"));
        Assert.Equal(MigrationSet.Cluster.Migrations.Select(file => file.Name), await HistoryAsync(MigrationSet.Cluster.History, "name"));
    }

    private Task MigrateAsync(MigrationSet set) => Migrator.MigrateAsync(_db, set, NullLogger.Instance, CancellationToken.None);

    private Task<List<string>> HistoryAsync(string table, string columns) =>
        TextsAsync($"SELECT concat_ws(' ', {columns}) FROM {table} ORDER BY version");

    private Task<List<string>> QueriesAsync() => TextsAsync("SELECT QueryKey || xmin || QueryText FROM OrleansQuery ORDER BY QueryKey");

    private async Task<List<string>> TextsAsync(string sql)
    {
        await using var select = _db.CreateCommand(sql);
        await using var reader = await select.ExecuteReaderAsync();
        List<string> texts = [];
        while (await reader.ReadAsync())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
