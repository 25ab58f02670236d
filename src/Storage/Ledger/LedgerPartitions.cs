using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// The weekly partitions of <c>events</c>: made ahead of time, dropped after retention. Any number of processes may do so at once: an
/// advisory lock lets one at a time through, and what it finds done it leaves.
/// </summary>
public sealed class LedgerPartitions(NpgsqlDataSource db)
{
    /// <summary>Any number that nothing else in this database uses; it reads "wks" in ASCII.</summary>
    private const long LockKey = 0x776B73;

    /// <summary>Weeks made beyond the current one: a server whose maintenance fails has a week to be noticed in.</summary>
    private const int WeeksAhead = 2;

    /// <summary>
    /// Dropping a partition needs the whole table for a moment, and every query that comes meanwhile waits behind it. A long query in
    /// progress must not turn that into a standstill: the drop gives up and comes back at the next round.
    /// </summary>
    private const string DropLockTimeout = "250ms";

    /// <summary>Makes the weeks that an append of now needs: the last one, this one, and the next ones.</summary>
    public async Task EnsureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var week = LedgerWeek.Of(now).Previous;
        List<LedgerWeek> weeks = [week];
        for (var i = 0; i <= WeeksAhead; i++)
        {
            weeks.Add(week = week.Next);
        }

        await EnsureAsync(weeks, cancellationToken);
    }

    /// <summary>Makes a week and its neighbours, which every append of that week looks through for duplicates.</summary>
    public Task EnsureAroundAsync(LedgerWeek week, CancellationToken cancellationToken) =>
        EnsureAsync([week.Previous, week, week.Next], cancellationToken);

    /// <summary>Drops the weeks that ended longer ago than the retention; never this week or the last.</summary>
    /// <returns>What was dropped; what a query in progress protected is left for the next time.</returns>
    public async Task<IReadOnlyList<LedgerWeek>> DropOldAsync(DateTimeOffset now, LedgerRetention retention, CancellationToken cancellationToken)
    {
        var keep = LedgerWeek.Of(now).Previous.Start;
        var before = now - retention.Events;
        List<LedgerWeek> dropped = [];
        foreach (var week in await ListAsync(cancellationToken))
        {
            if (week.End <= before && week.Start < keep && await TryDropAsync(week, cancellationToken))
            {
                dropped.Add(week);
            }
        }

        return dropped;
    }

    /// <summary>The weeks that exist, oldest first.</summary>
    public async Task<IReadOnlyList<LedgerWeek>> ListAsync(CancellationToken cancellationToken)
    {
        await using var select = db.CreateCommand(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events'::regclass ORDER BY c.relname");
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        List<LedgerWeek> weeks = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (LedgerWeek.TryParse(reader.GetString(0), out var week))
            {
                weeks.Add(week);
            }
        }

        return weeks;
    }

    private async Task EnsureAsync(IReadOnlyList<LedgerWeek> weeks, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        foreach (var week in weeks)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
            await using var find = new NpgsqlCommand(
                $"SELECT relrowsecurity AND has_table_privilege('{DatabaseRoles.Ledger}', oid, 'INSERT') FROM pg_class WHERE oid = to_regclass($1)",
                connection)
            {
                Parameters = { new() { Value = week.TableName } },
            };
            var isGuarded = await find.ExecuteScalarAsync(cancellationToken);
            if (isGuarded is null)
            {
                await CreateAsync(connection, week, cancellationToken);
            }

            // A release from before row security may run beside this one and make weeks, too.
            if (isGuarded is not true)
            {
                await GuardAsync(connection, week, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Made on its own and then attached: unlike CREATE … PARTITION OF, that neither waits for readers nor stops them.</summary>
    private static Task CreateAsync(NpgsqlConnection connection, LedgerWeek week, CancellationToken cancellationToken) => ExecuteAsync(
        connection,
        $"""
        CREATE TABLE {week.TableName} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
        CREATE UNIQUE INDEX {week.TableName}_id ON {week.TableName} (id, account_id);
        ALTER TABLE events ATTACH PARTITION {week.TableName} FOR VALUES FROM ('{week.Start:yyyy-MM-dd} 00:00Z') TO ('{week.End:yyyy-MM-dd} 00:00Z');
        """,
        cancellationToken);

    /// <summary>
    /// The append names the week and not <c>events</c>, so its role needs rights here. The reader has none: it comes through <c>events</c>, and is
    /// held to its account there.
    /// </summary>
    private static Task GuardAsync(NpgsqlConnection connection, LedgerWeek week, CancellationToken cancellationToken) => ExecuteAsync(
        connection,
        $"""
        ALTER TABLE {week.TableName} ENABLE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS ledger ON {week.TableName};
        CREATE POLICY ledger ON {week.TableName} TO {DatabaseRoles.Ledger} USING (true) WITH CHECK (true);
        GRANT INSERT, SELECT (id, account_id) ON {week.TableName} TO {DatabaseRoles.Ledger};
        """,
        cancellationToken);

    private async Task<bool> TryDropAsync(LedgerWeek week, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                $"""
                SELECT pg_advisory_xact_lock({LockKey});
                SET LOCAL lock_timeout = '{DropLockTimeout}';
                DROP TABLE IF EXISTS {week.TableName};
                """,
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
