using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;
using LlmObserve.Storage.Tests.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>What the role of account-scoped reads sees, whatever the query says.</summary>
public sealed class ReaderRoleTests(GuardedAccounts accounts) : IClassFixture<GuardedAccounts>
{
    [Fact]
    public async Task Select_NoFilter_SeesTheRowsOfTheNamedAccountOnly()
    {
        foreach (var (table, account) in await TablesAsync())
        {
            var all = await accounts.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}");
            var mine = await accounts.Database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE {account} = '{accounts.Mine.Value}'");
            Assert.True(mine > 0 && all > mine, $"{table} has {mine} of {all} rows: the test shows nothing");

            Assert.Equal([mine], await accounts.ReadAsync<long>(accounts.Mine, $"SELECT count(*) FROM {table}"));
            Assert.Equal([accounts.Mine.Value], await accounts.ReadAsync<Guid>(accounts.Mine, $"SELECT DISTINCT {account} FROM {table}"));
            Assert.Empty(await accounts.ReadAsync<Guid>(accounts.Mine, $"SELECT {account} FROM {table} WHERE {account} = $1", accounts.Other.Value));
            Assert.Equal([0L], await accounts.ReadAsync<long>(AccountId.New(), $"SELECT count(*) FROM {table}"));
        }
    }

    [Fact]
    public async Task Select_RowsOfStretches_SeesThoseOfTheNamedAccountOnly()
    {
        const string mine = "SELECT count(*) FROM usage_stretch_customer r JOIN usage_stretches s ON s.id = r.stretch_id WHERE s.account_id = ";
        var expected = await accounts.Database.ScalarAsync<long>($"{mine}'{accounts.Mine.Value}'");
        Assert.True(expected > 0 && await accounts.Database.ScalarAsync<long>($"{mine}'{accounts.Other.Value}'") > 0);

        Assert.Equal([expected], await accounts.ReadAsync<long>(accounts.Mine, "SELECT count(*) FROM usage_stretch_customer"));
    }

    [Fact]
    public async Task Select_NoAccountNamed_SeesNothing()
    {
        foreach (var table in (await TablesAsync()).Select(found => found.Table).Append("usage_stretch_customer"))
        {
            Assert.Equal(0L, await accounts.RunAsync(DatabaseRoles.Reader, $"SELECT count(*) FROM {table}"));
            Assert.Equal(0L, await accounts.RunAsync(DatabaseRoles.Reader, $"SET LOCAL llmobserve.account = ''; SELECT count(*) FROM {table}"));
        }
    }

    [Fact]
    public async Task Select_StoreQueryWithoutItsFilter_SeesNothingOfOthers()
    {
        const string filter = "account_id = $1 AND ";
        Assert.Contains(filter, RunsSql.Events, StringComparison.Ordinal);
        var open = RunsSql.Events.Replace(filter, "$1::uuid IS NOT NULL AND ", StringComparison.Ordinal);

        var seen = await accounts.ReadAsync<string>(accounts.Mine, open, accounts.Mine.Value, "run-1", 100);

        Assert.Equal(["mine0", "mine1", "mine2", "mine3", "mine4"], seen.Order());
    }

    [Fact]
    public async Task Select_StoreQueryForAnotherAccount_SeesNothing()
    {
        // As if a caller's id and the id of a request had been mixed up on the way to the statement.
        var page = new NpgsqlBatchCommand();
        var plan = RollupPlan.For(new(Events.Now.AddDays(-20), Events.Now), StatsKeys.CustomersAndLabels, Domain.Periods.AccountZone.Utc, Events.Now);
        page.CommandText = new StatsSql(page.Parameters, accounts.Other, default).Totals(plan);

        Assert.Equal([5L], await CallsAsync(accounts.Other));
        Assert.Equal([0L], await CallsAsync(accounts.Mine));

        async Task<List<long>> CallsAsync(AccountId account) =>
            await accounts.ReadAsync<long>(account, page.CommandText, [.. page.Parameters.Select(parameter => parameter.Value!)]);
    }

    [Theory]
    [InlineData("UPDATE caps SET limit_nanos = 1")]
    [InlineData("DELETE FROM alerts")]
    [InlineData("INSERT INTO memberships SELECT * FROM memberships")]
    [InlineData("TRUNCATE usage_hour")]
    [InlineData("SELECT 1 FROM ledger_heads FOR UPDATE")]
    [InlineData("SELECT key_sha256 FROM api_keys")]
    [InlineData("SELECT sha256 FROM invitations")]
    [InlineData("SELECT password_hash FROM users")]
    [InlineData("SELECT 1 FROM sessions")]
    [InlineData("SELECT 1 FROM unseen_keys")]
    [InlineData("SELECT 1 FROM shared_keys")]
    [InlineData("SELECT 1 FROM grain_state")]
    [InlineData("ALTER TABLE caps DISABLE ROW LEVEL SECURITY")]
    [InlineData("ALTER POLICY account ON caps USING (true)")]
    [InlineData("CREATE FUNCTION open() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM caps'")]
    [InlineData("SET LOCAL session_replication_role = replica")]
    public async Task Statement_OutsideOfItsRights_IsRefused(string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => accounts.RunAsync(DatabaseRoles.Reader, sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Select_WeekByItsName_IsRefused()
    {
        var week = Storage.Ledger.LedgerWeek.Of(Events.Now);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => accounts.ReadAsync<long>(accounts.Mine, $"SELECT count(*) FROM {week.TableName}"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Select_RowSecurityOff_FailsInsteadOfShowingAll()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => accounts.RunAsync(DatabaseRoles.Reader, "SET LOCAL row_security = off; SELECT count(*) FROM caps"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    /// <summary>Every table of accounts that the reader may read, with the column that names the account.</summary>
    private async Task<List<(string Table, string Account)>> TablesAsync()
    {
        var names = await accounts.Database.ScalarAsync<string[]>(
            $"""
            SELECT array_agg(c.relname::text ORDER BY c.relname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
            WHERE c.relkind IN ('r', 'p') AND has_column_privilege('{DatabaseRoles.Reader}', c.oid, a.attnum, 'SELECT')
            """);
        Assert.True(names.Length > 15, string.Join(", ", names));
        return [.. names.Select(name => (name, "account_id")), ("accounts", "id")];
    }
}
