using LlmObserve.Storage.RowSecurity;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>What the schema says of every table, also of one that is added after these tests.</summary>
public sealed class GuardedTablesTests(GuardedAccounts accounts) : IClassFixture<GuardedAccounts>
{
    [Fact]
    public async Task Tables_OfAccounts_HaveRowSecurity() => Assert.Equal("", await ListAsync(
        """
        c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
          AND (c.relname IN ('accounts', 'usage_stretch_customer')
            OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped))
        """));

    [Fact]
    public async Task Tables_ThatTheReaderReads_HaveAPolicyByAccount() => Assert.Equal("", await ListAsync(
        $"""
        has_any_column_privilege('{DatabaseRoles.Reader}', c.oid, 'SELECT') AND NOT (c.relrowsecurity AND (
          SELECT count(*) FILTER (WHERE p.polname = 'account') = 1 AND bool_and(p.polcmd = 'r' AND p.polpermissive AND CASE
            WHEN p.polname = 'account' AND c.relname = 'accounts' THEN pg_get_expr(p.polqual, p.polrelid) LIKE '(id = (NULLIF(current_setting(''llmobserve.account''%'
            WHEN p.polname = 'account' THEN pg_get_expr(p.polqual, p.polrelid) LIKE '%account_id = (NULLIF(current_setting(''llmobserve.account''%'
            ELSE c.relname = 'audit_log' AND pg_get_expr(p.polqual, p.polrelid) = '((account_id IS NULL) AND (object_kind = ''prices''::text))' END)
          FROM pg_policy p
          WHERE p.polrelid = c.oid AND p.polroles && ARRAY[0, '{DatabaseRoles.Reader}'::regrole]::oid[]))
        """));

    [Fact]
    public async Task Reader_Everywhere_WritesNothing() => Assert.Equal("", await ListAsync(
        $"""
        has_any_column_privilege('{DatabaseRoles.Reader}', c.oid, 'INSERT, UPDATE, REFERENCES')
          OR has_table_privilege('{DatabaseRoles.Reader}', c.oid, 'DELETE, TRUNCATE, TRIGGER')
        """));

    [Fact]
    public async Task Ledger_Everywhere_TakesNothingAway() => Assert.Equal("", await ListAsync(
        $"has_table_privilege('{DatabaseRoles.Ledger}', c.oid, 'DELETE, TRUNCATE, TRIGGER, REFERENCES')"));

    [Fact]
    public async Task Ledger_UpdatesMeasuresOnly() => Assert.Equal(
        "cap_overruns, ledger_heads, usage_day, usage_day_customer, usage_day_section, usage_day_total, usage_hour, usage_hour_customer",
        await ListAsync(
            $"""
            has_any_column_privilege('{DatabaseRoles.Ledger}', c.oid, 'UPDATE')
              AND NOT EXISTS (
                SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND has_column_privilege('{DatabaseRoles.Ledger}', c.oid, a.attnum, 'UPDATE')
                  AND (a.attname = 'epoch' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey))))
            """));

    [Fact]
    public async Task Functions_OfThisDatabase_RunAsTheirCaller() => Assert.Equal("", await accounts.Database.ScalarAsync<string>(
        "SELECT coalesce(string_agg(proname::text, ', '), '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"));

    /// <summary>A view reads as its owner, who is held to no account.</summary>
    [Fact]
    public async Task Views_OfThisDatabase_AreNotTheReaders() => Assert.Equal("", await ListAsync(
        $"c.relkind IN ('v', 'm') AND has_any_column_privilege('{DatabaseRoles.Reader}', c.oid, 'SELECT')"));

    private Task<string> ListAsync(string condition) => accounts.Database.ScalarAsync<string>(
        $"""
        SELECT coalesce(string_agg(c.relname::text, ', ' ORDER BY c.relname), '') FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ({condition})
        """);
}
