using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Migrations;

/// <summary>Kinds of calls come to rollups by customer that have rows.</summary>
public sealed class CallKindsMigrationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Version = 113;

    [Fact]
    public async Task Migrate_RowsWithoutKinds_GetTheirModelsOwn()
    {
        await using var db = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var before = MigrationSet.Main with { Migrations = [.. MigrationSet.Main.Migrations.Where(file => file.Version < Version)] };
        await Migrator.MigrateAsync(db, before, NullLogger.Instance, default);
        var (mine, other) = (AccountId.New(), AccountId.New());
        var measures = string.Join(", ", Rollup.Measures.Select(measure => measure.Name));
        var ones = string.Join(", ", Rollup.Measures.Skip(1).Select(_ => "1"));
        await using (var fill = db.CreateCommand(
            $"""
            INSERT INTO usage_day_total (account_id, day, provider, model, agent, span_kind, {measures})
            VALUES ('{mine.Value}', '2026-11-01', 'p', 'm', '', 1, 3, {ones}), ('{mine.Value}', '2026-11-02', 'p', 'm', 'a', 3, 2, {ones}),
              ('{mine.Value}', '2026-11-02', 'p', 'm', 'b', 3, 2, {ones}), ('{mine.Value}', '2026-11-02', 'q', '', '', 2, 1, {ones}),
              ('{other.Value}', '2026-11-02', 'p', 'm', '', 1, 9, {ones});
            INSERT INTO usage_day (account_id, day, customer_id, provider, model, agent, {measures})
            SELECT a.id::uuid, '2026-11-02', c, r.provider, r.model, 'a', 1, {ones}
            FROM unnest(ARRAY['{mine.Value}', '{other.Value}']) a (id), unnest(ARRAY['', 'acme']) c, (VALUES ('p', 'm'), ('q', ''), ('r', 'none')) r (provider, model);
            INSERT INTO usage_hour_customer (account_id, hour, customer_id, provider, model, agent, {measures})
            SELECT account_id, day, customer_id, provider, model, agent, {measures} FROM usage_day;
            """))
        {
            await fill.ExecuteNonQueryAsync();
        }

        await Migrator.MigrateAsync(db, NullLogger.Instance, default);

        foreach (var table in (string[])["usage_day", "usage_hour_customer"])
        {
            await using var read = db.CreateCommand(
                $"""
                SELECT string_agg(DISTINCT (CASE account_id WHEN '{mine.Value}' THEN 'mine ' ELSE 'other ' END) || provider || ' ' || span_kind, ', ') || ' ' || count(*)
                FROM {table}
                """);
            Assert.Equal("mine p 3, mine q 2, mine r 1, other p 1, other q 1, other r 1 12", await read.ExecuteScalarAsync());
        }
    }
}
