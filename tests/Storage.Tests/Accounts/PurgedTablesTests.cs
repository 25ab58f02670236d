using LlmObserve.Storage.Accounts;

namespace LlmObserve.Storage.Tests.Accounts;

/// <summary>A new table with accounts' rows cannot be forgotten when an account is deleted.</summary>
public sealed class PurgedTablesTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    [Fact]
    public async Task EveryTableOfAccounts_IsPurgedOrGoesWithItsAccount()
    {
        var known = PurgedTables.Plain.Concat(PurgedTables.Grains.Select(grain => grain.Table)).Concat(PurgedTables.Special).ToHashSet();
        var forgotten = new List<string>();
        await using var select = database.Db.CreateCommand(
            """
            SELECT c.relname, EXISTS (
              SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.confrelid = 'accounts'::regclass AND k.contype = 'f' AND k.confdeltype IN ('c', 'n')
                AND k.conkey = ARRAY[a.attnum])
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attname = 'account_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relnamespace = current_schema()::regnamespace
            """);
        await using var reader = await select.ExecuteReaderAsync();
        var tables = 0;
        while (await reader.ReadAsync())
        {
            tables++;
            if (!known.Contains(reader.GetString(0)) && !reader.GetBoolean(1))
            {
                forgotten.Add(reader.GetString(0));
            }
        }

        Assert.True(tables > 15);
        Assert.Empty(forgotten);
    }

    [Fact]
    public async Task EveryTableThatIsPurged_Exists()
    {
        foreach (var table in PurgedTables.Plain.Concat(PurgedTables.Grains.Select(grain => grain.Table)).Concat(PurgedTables.Special))
        {
            Assert.True(await database.ScalarAsync<bool>($"SELECT to_regclass('{table}') IS NOT NULL"), table);
        }
    }
}
