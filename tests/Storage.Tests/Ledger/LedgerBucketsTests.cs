using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Tests.Stats;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>What a change of zone makes anew in SQL is what commits have counted.</summary>
public sealed class LedgerBucketsTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly string[] s_endpoints =
    [
        "query", "Index.Fetch", "POST /points/search", "listCollections", "batchUpsert", "upsert", "delete_by_query", "get_or_create", "widget", "dataset",
        "que", "ſearch", "", "DELETE", "HTTPGet", "a1get", "çget", "updateX",
    ];

    [Fact]
    public async Task ChangeZone_ToTheSameZone_MakesTheSameRows()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, Events.Now, seed: 31, count: 1_000, days: 7);
        await ledger.AddAsync(
            database,
            s_endpoints.SelectMany(endpoint => Enum.GetValues<SpanKind>().Select(kind => Events.Make($"{kind} {endpoint}") with
            {
                Kind = kind,
                Endpoint = endpoint,
                SpanType = "any",
            })));
        var full = Events.Now.AddDays(-8);
        await ledger.AddAsync(
            database,
            Enumerable.Range(0, SectionPaths.MaxPerDay + 5).Select(i => Events.Make($"full {i}", receivedAt: full) with { SectionPath = $"section-{i * 7919 % 10_007}" }),
            i => i < SectionPaths.MaxPerDay ? null : SectionPaths.Others);
        await ledger.AddAsync(
            database, [Events.Make("long") with { SectionPath = new string('ü', 501) }, Events.Make("others") with { SectionPath = SectionPaths.Others }], _ => SectionPaths.Others);
        var counted = await RowsAsync(ledger);
        Assert.Contains($",{SectionPaths.Others},", counted, StringComparison.Ordinal);
        Assert.All([CallKind.VectorDb, CallKind.VectorDbRead, CallKind.VectorDbWrite], kind => Assert.Contains($",{(int)kind},", counted, StringComparison.Ordinal));

        Assert.True(await new LedgerBuckets(database.Db)
            .ChangeZoneAsync(ledger.Account, ledger.Head.Epoch, ledger.Head.LastSeq, AccountZone.Utc, AccountZone.Utc, Events.Now, null, default));

        Assert.Equal(counted, await RowsAsync(ledger));
    }

    /// <summary>Every row of every rollup as text.</summary>
    private async Task<string> RowsAsync(RandomLedger ledger)
    {
        var tables = new List<string>();
        foreach (var rollup in Rollup.All)
        {
            var columns = string.Join(", ", rollup.Keys.Concat(Rollup.Measures).Select(column => column.Name));
            tables.Add(await database.ScalarAsync<string>(
                $"SELECT string_agg('{rollup.Table} ' || t, E'\\n' ORDER BY t COLLATE \"C\") FROM (SELECT ({columns})::text AS t FROM {rollup.Table} WHERE account_id = '{ledger.Account.Value}') AS rows"));
        }

        return string.Join("\n", tables);
    }
}
