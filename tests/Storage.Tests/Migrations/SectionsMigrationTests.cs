using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Storage.Tests.Ledger;
using LlmObserve.Storage.Tests.Stats;

namespace LlmObserve.Storage.Tests.Migrations;

/// <summary>The rollup by section comes to a ledger that has events.</summary>
public sealed class SectionsMigrationTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    [Fact]
    public async Task Migrate_LedgerWithEvents_CountsThemAsCommitsDo()
    {
        // Local days of three zones; New York leaves daylight saving time on 1 November.
        foreach (var (zone, seed) in ((string, int)[])[("UTC", 41), ("Asia/Kolkata", 42), ("America/New_York", 43)])
        {
            await RandomLedger.CreateAsync(database, AccountZone.Parse(zone), Events.Now, seed, count: 600);
        }

        // More paths in a day than are named, in the order in which they landed; and one that is too long.
        var full = await RandomLedger.CreateAsync(database, AccountZone.Utc, Events.Now, seed: 44, count: 0);
        await full.AddAsync(database, [Events.Make("long") with { SectionPath = new string('ü', 501) }], _ => SectionPaths.Others);
        await full.AddAsync(
            database,
            Enumerable.Range(0, SectionPaths.MaxPerDay + 5).Select(i => Events.Make($"e{i}") with { SectionPath = $"section-{i * 7919 % 10_007}" }),
            i => i < SectionPaths.MaxPerDay ? null : SectionPaths.Others);
        var counted = await RowsAsync();
        Assert.Contains($",{SectionPaths.Others},", counted, StringComparison.Ordinal);

        await database.ExecuteAsync($"DROP TABLE {Rollup.DaySection.Table}");
        foreach (var version in (int[])[114, 115])
        {
            await database.ExecuteAsync($"BEGIN; {MigrationSet.Main.Migrations.Single(file => file.Version == version).Sql}; COMMIT");
        }

        Assert.Equal(counted, await RowsAsync());
    }

    private Task<string> RowsAsync() => database.ScalarAsync<string>(
        $"""
        SELECT string_agg(t, E'\n' ORDER BY t COLLATE "C") FROM (
          SELECT (account_id, {string.Join(", ", Rollup.DaySection.Keys.Concat(Rollup.Measures).Select(column => column.Name))})::text AS t
          FROM {Rollup.DaySection.Table}) AS rows
        """);
}
