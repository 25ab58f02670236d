using System.Net.Http.Json;
using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace LlmObserve.Api.Tests.Accounts;

/// <summary>After the grace period nothing of an account is left, and nothing of others is gone.</summary>
public sealed class PurgeTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Purge_AccountWithEverything_LeavesNothingOfItAndAllOfOthers()
    {
        using var owner = await app.SignUpAsync();
        using var neighbour = await app.SignUpAsync();
        var (id, other) = (await FillAsync(owner), await FillAsync(neighbour));
        Assert.All(await RowsAsync(id), table => Assert.True(table.Rows > 0 || s_empty.Contains(table.Table), $"{table.Table} has nothing to purge"));
        var before = await RowsAsync(other);
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await using var purge = Purge();

        Assert.Equal(0, await purge.Value.RunOnceAsync(default));
        Assert.NotEqual(0, (await RowsAsync(id)).Sum(table => table.Rows));
        await DueAsync(id);
        Assert.Equal(1, await purge.Value.RunOnceAsync(default));

        Assert.All(await RowsAsync(id), table => Assert.True(table.Rows == 0, $"{table.Rows} rows of a purged account are left in {table.Table}"));
        Assert.Equal(before, await RowsAsync(other));
        Assert.Equal(0, await app.ScalarAsync<long>("SELECT count(*) FROM usage_stretch_customer WHERE stretch_id NOT IN (SELECT id FROM usage_stretches)"));
        Assert.Equal(0, await app.ScalarAsync<long>($"SELECT count(*) FROM grain_state WHERE grain_key LIKE '{id}%'"));
        Assert.Equal(1, await app.ScalarAsync<long>(
            $"SELECT count(*) FROM audit_log WHERE account_id IS NULL AND action = 'account.purged' AND object_id = '{id}' AND object_name IS NULL"));
        // That line is for whoever runs the server: no other account's admins see it.
        Assert.Empty((await neighbour.GetAsync("/audit?action=account.purged")).GetProperty("items").EnumerateArray());
        Assert.Equal(0, await purge.Value.RunOnceAsync(default));
        // Its owner is still somebody.
        Assert.Single((await owner.GetAsync("/tenants")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Purge_GrainThatStillLives_BringsNothingBack()
    {
        using var owner = await app.SignUpAsync();
        var id = await FillAsync(owner);
        var grain = app.Service<IGrainFactory>().GetGrain<IAccountGrain>(id);
        await grain.GetTotalsAsync();
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await DueAsync(id);
        await using var purge = Purge();
        Assert.Equal(1, await purge.Value.RunOnceAsync(default));

        for (var attempt = 0; attempt < 3; attempt++)
        {
            // Whatever it answers, and whichever activation: it is no success and leaves no row.
            await Assert.ThrowsAnyAsync<Exception>(() => grain.ChangeTimeZoneAsync("Asia/Kolkata"));
            await Assert.ThrowsAnyAsync<Exception>(() => grain.ChangeCheckSettingsAsync("deny", 0.5m));
        }

        Assert.All(await RowsAsync(id), table => Assert.Equal((table.Table, 0L), table));
    }

    [Fact]
    public async Task Purge_ClosedUser_TakesTheUserToo()
    {
        using var person = await app.SignUpAsync();
        var (personal, user) = (await app.PersonalAccountAsync(person), await app.UserIdAsync(person));
        await person.SendAsync(TestEvents.Make("2"));
        await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync();
        await DueAsync(personal);
        await using var purge = Purge();

        Assert.Equal(1, await purge.Value.RunOnceAsync(default));

        Assert.Equal(0, await app.ScalarAsync<long>($"SELECT count(*) FROM users WHERE id = '{user}'"));
        Assert.All(await RowsAsync(personal), table => Assert.Equal((table.Table, 0L), table));
    }

    [Fact]
    public async Task Purge_StoppedHalfway_GoesOnAtTheNextRound()
    {
        using var owner = await app.SignUpAsync();
        var id = await FillAsync(owner);
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await DueAsync(id);
        await using var purge = Purge();

        // A foreign key of the test's own holds the account: everything goes but the account itself.
        await app.ExecuteAsync($"CREATE TABLE holds_purge (account uuid REFERENCES accounts); INSERT INTO holds_purge VALUES ('{id}')");
        Assert.Equal(0, await purge.Value.RunOnceAsync(default));
        Assert.Equal(1, await app.ScalarAsync<long>($"SELECT count(*) FROM accounts WHERE id = '{id}'"));
        Assert.Equal(0, await app.ScalarAsync<long>($"SELECT count(*) FROM events WHERE account_id = '{id}'"));
        await owner.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync(404);
        await app.ExecuteAsync("DROP TABLE holds_purge");

        Assert.Equal(1, await purge.Value.RunOnceAsync(default));
        Assert.All(await RowsAsync(id), table => Assert.Equal((table.Table, 0L), table));
    }

    [Fact]
    public async Task Purge_ManyAtOnce_DeletesEachOnce()
    {
        using var owner = await app.SignUpAsync();
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await owner.MakeAccountAsync());
            await owner.Session.DeleteAsJsonAsync("/tenants/" + ids[i], new { confirm = "Acme" }).JsonAsync();
            await DueAsync(ids[i]);
        }

        await using var purge = Purge();
        var counts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => purge.Value.RunOnceAsync(default)));

        Assert.Equal(4, counts.Sum());
        Assert.Equal(4, await app.ScalarAsync<long>(
            $"SELECT count(*) FROM audit_log WHERE action = 'account.purged' AND object_id IN ({string.Join(',', ids.Select(id => $"'{id}'"))})"));
    }

    /// <summary>Tables of things that other features make; their rows go by a foreign key, which tests/Storage.Tests looks at.</summary>
    private static readonly string[] s_empty = ["clerk_objects", "unseen_keys", "price_overrides", "customers"];

    private Owned<AccountPurge> Purge() => new(new AccountPurge(
        app.Database, new LedgerPartitions(app.Database), TimeProvider.System, NullLogger<AccountPurge>.Instance));

    private Task DueAsync(string account) => app.ExecuteAsync($"UPDATE accounts SET purge_at = now() - interval '1 second' WHERE id = '{account}'");

    /// <summary>Every table that has accounts' rows, with how many of them are this account's.</summary>
    private async Task<List<(string Table, long Rows)>> RowsAsync(string account)
    {
        var tables = new List<string>();
        await using (var list = app.Database.CreateCommand(
            """
            SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attname = 'account_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
            """))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var counts = new List<(string Table, long Rows)> { ("accounts", await app.ScalarAsync<long>($"SELECT count(*) FROM accounts WHERE id = '{account}'")) };
        foreach (var table in tables)
        {
            counts.Add((table, await app.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE account_id = '{account}'")));
        }

        return counts;
    }

    /// <summary>An account with rows wherever an account has some: by the API where that is quick, else by hand.</summary>
    private async Task<string> FillAsync(TestPerson owner)
    {
        var id = await owner.MakeAccountAsync();
        using var there = await app.SwitchedAsync(owner, id);
        using var sdk = app.With((await there.PostAsJsonAsync("/api-keys", new { scopes = new[] { "ingest", "check" } }).JsonAsync()).Text("key"));
        var cap = await there.PostAsJsonAsync(
            "/caps/", new { cap_type = "global", limit_amount = 1, period = "monthly", enforcement = "hard_block", alert_threshold = 0.5 }).JsonAsync();
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("0.75", new { customer_id = "c-1" }), TestEvents.Make("0.01") }).JsonAsync(201);
        var capId = cap.Text("id");
        await app.ExecuteAsync(
            $"""
            -- The same events a week earlier: another partition.
            CREATE TEMP TABLE older AS SELECT * FROM events WHERE account_id = '{id}';
            UPDATE older SET received_at = received_at - interval '7 days', id = id || '-older', seq = seq + 1000;
            INSERT INTO events SELECT * FROM older;
            DROP TABLE older;
            WITH stretch AS (INSERT INTO usage_stretches (account_id, from_day, to_day, calls) VALUES ('{id}', now() - interval '9 days', now() - interval '6 days', 2) RETURNING id)
            INSERT INTO usage_stretch_customer SELECT s.id, 0, d.provider, d.model, d.agent, d.customer_id, d.calls, d.errors, d.unpriced_calls,
              d.input_tokens, d.output_tokens, d.cached_tokens, d.cache_write_tokens, d.reasoning_tokens, d.cost_nanos, d.latency_ms_sum,
              d.latency_00, d.latency_01, d.latency_02, d.latency_03, d.latency_04, d.latency_05, d.latency_06, d.latency_07, d.latency_08, d.latency_09,
              d.latency_10, d.latency_11, d.latency_12, d.latency_13 FROM stretch s, usage_day d WHERE d.account_id = '{id}';
            INSERT INTO cap_overruns VALUES ('{id}', now(), '{capId}', 1, 5);
            INSERT INTO cap_ceilings VALUES ('{id}', '{capId}', gen_random_uuid(), 5, now() + interval '1 hour', 0);
            INSERT INTO open_holds (account_id, id, provider, model, agent, customer_id, amount_nanos, granted_at, expires_at)
              VALUES ('{id}', gen_random_uuid(), '', '', '', '', 5, now(), now() + interval '1 hour');
            INSERT INTO invitations (id, account_id, email, role, sha256, created_at, expires_at)
              VALUES (gen_random_uuid(), '{id}', 'x@example.com', 'viewer', sha256('{id}'), now(), now() + interval '1 day');
            INSERT INTO grain_state VALUES ('account', '{id}', 's', NULL, 1, now()), ('customer', '{id}/c-1', 's', NULL, 1, now()),
              ('cap', replace('{capId}', '-', ''), 's', NULL, 1, now());
            UPDATE sessions SET account_id = '{id}' WHERE user_id = (SELECT user_id FROM memberships WHERE account_id = '{id}');
            """);
        return id;
    }

    /// <summary>A background service that was never started.</summary>
    private sealed class Owned<T>(T value) : IAsyncDisposable
        where T : IDisposable
    {
        public T Value => value;

        public ValueTask DisposeAsync()
        {
            value.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
