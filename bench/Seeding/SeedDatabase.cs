using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Bench.Seeding;

/// <summary>
/// The seeded database. It is kept between runs of one day: the windows of the measured questions end now, and so must the
/// seeded history.
/// </summary>
internal static class SeedDatabase
{
    /// <summary>Goes up with each change to what is seeded.</summary>
    private const int Version = 3;

    private const string Prefix = "seed_";
    private const string Unfinished = "unfinished_seed";

    private static readonly string[] s_rollups = ["usage_hour", "usage_day_total", "usage_day_customer", "usage_day", "usage_day_section"];

    /// <summary>Finds or makes it.</summary>
    /// <returns>Its name; nobody is connected to it.</returns>
    public static async Task<string> EnsureAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var now = run.Time.GetUtcNow();
        var name = $"{Prefix}{now:yyyyMMdd}_v{Version}";
        foreach (var existing in await run.QueryAsync($"SELECT datname FROM pg_database WHERE datname LIKE '{Prefix}%'", cancellationToken))
        {
            if (existing == name && await TryMigrateAsync(await run.ConnectionStringAsync(name, cancellationToken), cancellationToken))
            {
                return name;
            }

            await run.ExecuteAsync($"DROP DATABASE {existing} WITH (FORCE)", cancellationToken);
        }

        var started = run.Time.GetTimestamp();
        run.Say("Seeding 14.5 million events: once a day, some four minutes…");
        var connectionString = await run.FreshDatabaseAsync(Unfinished, cancellationToken);
        await using (var db = NpgsqlDataSource.Create(connectionString))
        {
            await Migrator.MigrateAsync(db, NullLogger.Instance, cancellationToken);
            await new LedgerPartitions(db).EnsureAsync(now, cancellationToken);
            foreach (var account in SeedAccount.All)
            {
                await CreateAsync(db, account, now, cancellationToken);
            }

            var week = LedgerWeek.Of(now);
            var partitions = new BarePartitions(db);
            await partitions.StripAsync([week.Previous, week], cancellationToken);

            // Two at a time: one mostly waits for the disk, the other mostly computes.
            await Task.WhenAll(
                Task.Run(() => new SeedWriter(db, SeedAccount.Ingest, now).WriteAsync(cancellationToken), cancellationToken),
                Task.Run(
                    async () =>
                    {
                        await new SeedWriter(db, SeedAccount.Small, now).WriteAsync(cancellationToken);
                        await new SeedWriter(db, SeedAccount.Large, now).WriteAsync(cancellationToken);
                    },
                    cancellationToken));
            await partitions.RestoreAsync(cancellationToken);

            // The upkeep of the server that is measured would be at it for the first minutes.
            await new LedgerStretches(db, NullLogger<LedgerStretches>.Instance).RunOnceAsync(now, cancellationToken);
            await SettleAsync(db, cancellationToken);
            foreach (var account in SeedAccount.All)
            {
                await VerifyAsync(db, account, cancellationToken);
            }
        }

        await run.ExecuteAsync($"ALTER DATABASE {Unfinished} RENAME TO {name}", cancellationToken);
        run.Say($"Seeded in {run.Time.GetElapsedTime(started).TotalSeconds:0} s.");
        return name;
    }

    /// <summary>Makes another key of an account, which can do everything.</summary>
    public static async Task<string> CreateKeyAsync(NpgsqlDataSource db, SeedAccount account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var text = ApiKeyText.Generate();
        var key = NewKey(account, text, now);
        var audit = new AuditEntry(account.Id, now, Actor.System, AuditActions.KeyCreated, new AuditObject("key", key.Id.ToString("N"), key.Name));
        await new KeysStore(db).CreateAsync(key, int.MaxValue, audit, cancellationToken);
        return text.Reveal();
    }

    private static async Task CreateAsync(NpgsqlDataSource db, SeedAccount account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var user = new NewUser(
            UserOf(account), $"{account.Id}@example.com", null, null, "solo_dev", account.Id, $"{account.Events:N0} events", now);
        await new UsersStore(db).CreateAsync(user, NewKey(account, ApiKeyText.Generate(), now), null, [], cancellationToken);
    }

    private static NewApiKey NewKey(SeedAccount account, ApiKeyText text, DateTimeOffset now) => new(
        Guid.CreateVersion7(now), account.Id, UserOf(account), Convert.FromHexString(text.Hash().Value), text.DisplayPrefix, "bench",
        ["ingest", "check", "read", "manage"], now);

    // One user an account: the same number will do.
    private static UserId UserOf(SeedAccount account) => new(account.Id.Value);

    /// <summary>What time would have done to such a database: statistics, visibility, everything on disk.</summary>
    private static async Task SettleAsync(NpgsqlDataSource db, CancellationToken cancellationToken)
    {
        foreach (var sql in (string[])["VACUUM (ANALYZE)", "CHECKPOINT"])
        {
            await using var command = db.CreateCommand(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The ledger's invariant: head, rollups and events say the same.</summary>
    private static async Task VerifyAsync(NpgsqlDataSource db, SeedAccount account, CancellationToken cancellationToken)
    {
        List<string> tables = [.. s_rollups];
        var sums = tables.Select(table => $"SELECT sum(calls), sum(cost_nanos) FROM {table} WHERE account_id = $1").ToList();
        if (account.StoresEvents)
        {
            sums.Add("SELECT count(*), sum(cost_nanos) FROM events WHERE account_id = $1");
        }

        await using var compare = db.CreateCommand(
            $"""
            SELECT count(*) FROM ({string.Join(" UNION ALL ", sums)}) AS sums (calls, cost)
            JOIN ledger_heads h ON h.account_id = $1 AND h.total_calls = sums.calls AND h.total_cost_nanos = sums.cost AND h.last_seq = $2
            """);
        compare.CommandTimeout = 0;
        compare.Parameters.Add(new() { Value = account.Id.Value });
        compare.Parameters.Add(new() { Value = account.Events });
        if ((long)(await compare.ExecuteScalarAsync(cancellationToken))! != sums.Count)
        {
            throw new InvalidOperationException($"The seeded account {account.Id} does not agree with itself.");
        }
    }

    /// <summary>Brings a kept seed to the newest schema; false where it was made with files that are not ours.</summary>
    private static async Task<bool> TryMigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var db = NpgsqlDataSource.Create(connectionString);
        try
        {
            await Migrator.MigrateAsync(db, NullLogger.Instance, cancellationToken);
            return true;
        }
        catch (MigrationException)
        {
            return false;
        }
    }
}
