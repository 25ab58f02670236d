using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Storage.Tests.Ledger;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Migrations;

/// <summary>Holds come to a ledger that has events.</summary>
public sealed class HoldsMigrationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Version = 103;

    [Fact]
    public async Task Migrate_LedgerWithEvents_KeepsThemAndTakesHolds()
    {
        await using var db = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var before = MigrationSet.Main with { Migrations = [.. MigrationSet.Main.Migrations.Where(file => file.Version < Version)] };
        await Migrator.MigrateAsync(db, before, NullLogger.Instance, default);
        var week = LedgerWeek.Of(Events.Now);
        var partitions = new LedgerPartitions(db);
        await partitions.EnsureAroundAsync(week, default);
        var account = AccountId.New();
        await ExecuteAsync(db, $"INSERT INTO ledger_heads (account_id) VALUES ('{account.Value}')");
        var head = await new LedgerStore(db).TakeEpochAsync(account, default);
        await ExecuteAsync(
            db,
            $"""
            INSERT INTO events (account_id, seq, received_at, occurred_at, cost_nanos, client_cost_nanos, input_tokens, output_tokens, cached_tokens,
              cache_write_tokens, reasoning_tokens, latency_ms, price_version, span_kind, is_error, unpriced, is_streaming, stream_cancelled, id,
              run_id, span_id, section, section_path, agent, span_type, provider, endpoint, model, customer_id, status, discount, hold_id)
            SELECT '{account.Value}', n, '{Events.Now:O}', '{Events.Now:O}', 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, false, false, false, false, 'old' || n,
              '', '', '', '', '', '', '', '', '', '', '', 1, 'h' FROM generate_series(1, 100) n;
            UPDATE ledger_heads SET last_seq = 100, total_calls = 100, total_cost_nanos = 500 WHERE account_id = '{account.Value}';
            """);
        var files = await FilesAsync(db);

        await Migrator.MigrateAsync(db, NullLogger.Instance, default);

        Assert.Equal(files, await FilesAsync(db));
        await partitions.EnsureAroundAsync(week.Next.Next, default);
        await using var writer = new LedgerWriter(db, partitions, TimeProvider.System, new TestMeters(), NullLogger<LedgerWriter>.Instance);
        var append = Events.Append(account, head with { LastSeq = 100 }, Events.Make("old1"), Events.Make("new"));
        var result = await writer.AppendAsync(
            append with { Rows = [.. append.Rows.Select(row => row with { Hold = new(HoldOutcome.Settled, new Usd(3), LabelMismatch: false, []) })] }, default);
        Assert.Equal([false, true], result.Inserted.ToArray());
        Assert.Equal("100 NULLs, 1 of 3", await TextAsync(
            db,
            """
            SELECT count(*) FILTER (WHERE hold_outcome IS NULL AND held_nanos IS NULL AND NOT hold_mismatch) || ' NULLs, '
              || count(*) FILTER (WHERE hold_outcome = 'settled') || ' of ' || max(held_nanos) FROM events
            """));
    }

    /// <summary>Where each partition's rows are: a table that is rewritten gets another file.</summary>
    private static Task<string> FilesAsync(NpgsqlDataSource db) => TextAsync(
        db,
        """
        SELECT string_agg(inhrelid::regclass || ' ' || pg_relation_filenode(inhrelid), ', ' ORDER BY inhrelid)
        FROM pg_inherits WHERE inhparent = 'events'::regclass
        """);

    private static async Task ExecuteAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> TextAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
