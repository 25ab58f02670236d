using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Tests.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>What the role of the ledger's writer may do.</summary>
public sealed class LedgerRoleTests(GuardedAccounts accounts) : IClassFixture<GuardedAccounts>
{
    private readonly StorageDatabase _database = accounts.Database;

    [Theory]
    [InlineData("SELECT 1 FROM users")]
    [InlineData("SELECT 1 FROM accounts")]
    [InlineData("SELECT 1 FROM memberships")]
    [InlineData("SELECT 1 FROM api_keys")]
    [InlineData("SELECT 1 FROM caps")]
    [InlineData("SELECT 1 FROM sessions")]
    [InlineData("SELECT 1 FROM shared_keys")]
    [InlineData("SELECT 1 FROM events")]
    [InlineData("SELECT metadata_json FROM events_20261116")]
    [InlineData("UPDATE events_20261116 SET cost_nanos = 0")]
    [InlineData("DELETE FROM events_20261116")]
    [InlineData("TRUNCATE events_20261116")]
    [InlineData("DELETE FROM usage_hour")]
    [InlineData("DELETE FROM ledger_heads")]
    [InlineData("DELETE FROM cap_overruns")]
    [InlineData("UPDATE usage_day SET customer_id = ''")]
    [InlineData("UPDATE ledger_heads SET epoch = epoch + 1")]
    [InlineData("INSERT INTO ledger_heads (account_id, epoch) VALUES (gen_random_uuid(), 7)")]
    [InlineData("INSERT INTO usage_stretches (account_id, from_day, to_day, calls) VALUES (gen_random_uuid(), now(), now() + '1 day', 1)")]
    [InlineData("DROP TABLE events_20261116")]
    public async Task Statement_OutsideOfItsRights_IsRefused(string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => accounts.RunAsync(DatabaseRoles.Ledger, sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Append_WeekMadeLater_IsTaken()
    {
        var week = LedgerWeek.Of(Events.Now).Next.Next.Next;
        Assert.DoesNotContain(week, await _database.Partitions.ListAsync(default));
        var account = AccountId.New();
        var head = await _database.TakeEpochAsync(account);
        await using var writer = _database.CreateWriter();

        var later = Events.Append(account, head, Events.Make("later", receivedAt: week.Start.AddHours(1)));
        var first = await writer.AppendAsync(later, default);
        var again = await writer.AppendAsync(later with { ExpectedSeq = 1 }, default);

        Assert.Equal([true], first.Inserted.ToArray());
        Assert.Equal([false], again.Inserted.ToArray());
    }

    [Fact]
    public async Task Ensure_WeekOfAnOlderRelease_GetsItsGuard()
    {
        // A release from before row security runs beside this one for the time of an upgrade.
        var week = LedgerWeek.Of(Events.Now).Previous.Previous.Previous;
        await _database.ExecuteAsync(
            $"""
            CREATE TABLE {week} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
            CREATE UNIQUE INDEX {week}_id ON {week} (id, account_id);
            ALTER TABLE events ATTACH PARTITION {week} FOR VALUES FROM ('{week.Start:yyyy-MM-dd} 00:00Z') TO ('{week.End:yyyy-MM-dd} 00:00Z');
            """);
        var account = AccountId.New();
        var head = await _database.TakeEpochAsync(account);

        await _database.Partitions.EnsureAroundAsync(week, default);

        await using var writer = _database.CreateWriter();
        var result = await writer.AppendAsync(Events.Append(account, head, Events.Make("early", receivedAt: week.Start.AddHours(1))), default);
        Assert.Equal(AppendOutcome.Committed, result.Outcome);
        Assert.True(await _database.ScalarAsync<bool>($"SELECT relrowsecurity FROM pg_class WHERE relname = '{week}'"));
    }

    [Fact]
    public async Task Append_RightTakenFromTheRole_IsRejected()
    {
        // The connecting role has every right: only one that appends as the role is refused.
        var account = AccountId.New();
        var head = await _database.TakeEpochAsync(account);
        await using var writer = _database.CreateWriter();
        await _database.ExecuteAsync($"REVOKE INSERT ON usage_hour FROM {DatabaseRoles.Ledger}");
        try
        {
            var refused = await writer.AppendAsync(Events.Append(account, head, Events.Make("a")), default);
            Assert.Equal(AppendOutcome.Rejected, refused.Outcome);
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(refused.Error).SqlState);
        }
        finally
        {
            await _database.ExecuteAsync($"GRANT INSERT ON usage_hour TO {DatabaseRoles.Ledger}");
        }
    }
}
