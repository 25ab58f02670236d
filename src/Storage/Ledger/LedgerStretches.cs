using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Periods;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// Makes R6, the closed stretches of days that lists of customers are read from, out of R3. Any number of processes may do so at once: an
/// advisory lock for each account lets one at a time through, and each stretch is a transaction of its own.
/// </summary>
public sealed partial class LedgerStretches(NpgsqlDataSource db, ILogger<LedgerStretches> logger)
{
    /// <summary>R6's stretches.</summary>
    internal const string Table = "usage_stretches";

    /// <summary>R6's rows.</summary>
    internal const string RowsTable = "usage_stretch_customer";

    /// <summary>
    /// Whether the rows of stretch <c>s</c> are still the sums of its days, in the snapshot that this is asked in. Every event adds a call to
    /// its day in R5 in the same commit as to R3, and only <see cref="LedgerBuckets"/> takes calls away, which deletes the stretches too.
    /// </summary>
    internal const string HoldsSql =
        "s.calls = coalesce((SELECT sum(u.calls) FROM usage_day_total u WHERE u.account_id = s.account_id AND u.day >= s.from_day AND u.day < s.to_day), 0)";

    /// <summary>Any number that no other advisory lock of this database begins with; it reads "str" in ASCII.</summary>
    private const int LockClass = 0x737472;

    /// <summary>
    /// For one account in one round: an account that is new to this has a quarter closed in the first one, and does not keep the others
    /// waiting for longer than a minute or two.
    /// </summary>
    private const int StretchesPerRound = 64;

    /// <summary>Three days of a million rows in R3 take less than a minute.</summary>
    private const int TimeoutSeconds = 600;

    private static readonly string s_measures = string.Join(", ", Rollup.Measures.Select(measure => measure.Name));

    private static readonly string s_sums = string.Join(", ", Rollup.Measures.Select(measure => $"sum(u.{measure.Name})::{measure.SqlType}"));

    /// <summary>One round for every account.</summary>
    public async Task RunOnceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (account, zone) in await AccountsAsync(cancellationToken))
        {
            try
            {
                var closed = await CloseAsync(account, zone, now, cancellationToken);
                if (closed > 0)
                {
                    LogClosed(logger, closed, account);
                }
            }
            catch (NpgsqlException error)
            {
                // An account that cannot be closed, say for its size, must not keep the others from it.
                LogFailed(logger, account, error);
            }
        }
    }

    /// <summary>Closes what is to be closed of one account; stops early where another process is at it, and after <see cref="StretchesPerRound"/>.</summary>
    /// <returns>How many stretches were made.</returns>
    public async Task<int> CloseAsync(AccountId account, AccountZone zone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Each once: where calls keep arriving for a day, its stretch is old again as soon as it is made, and waits for the next round.
        HashSet<DateTimeOffset> made = [];
        while (made.Count < StretchesPerRound && await CloseNextAsync(account, zone, now, made, cancellationToken) is { } from)
        {
            made.Add(from);
        }

        return made.Count;
    }

    /// <summary>
    /// In a transaction that makes the buckets of a stretch of time anew: deletes the stretches of R6 with days from <paramref name="from"/>
    /// on, and keeps others from making any until that transaction ends.
    /// </summary>
    internal static async Task DeleteAsync(NpgsqlConnection connection, AccountId account, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            $"SELECT pg_advisory_xact_lock({LockClass}, hashtext($1::text))",
            [new() { Value = account.Value }],
            cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            WITH gone AS (DELETE FROM {Table} WHERE account_id = $1 AND to_day > $2 RETURNING id)
            DELETE FROM {RowsTable} WHERE stretch_id IN (SELECT id FROM gone)
            """,
            [new() { Value = account.Value }, Parameters.Instant(from)],
            cancellationToken);
    }

    /// <summary>
    /// The lock comes before everything that is read: a change of zone that committed before is seen, and one that comes later finds the
    /// stretch and deletes it.
    /// </summary>
    private async Task<DateTimeOffset?> CloseNextAsync(
        AccountId account, AccountZone zone, DateTimeOffset now, HashSet<DateTimeOffset> made, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await TryLockAsync(connection, account, cancellationToken)
            || await FirstDayAsync(connection, account, cancellationToken) is not { } first
            || StretchPlan.Next(await KnownAsync(connection, account, made, cancellationToken), first, zone, now) is not var (from, to))
        {
            return null;
        }

        NpgsqlParameter[] Stretch() => [new() { Value = account.Value }, Parameters.Instant(from), Parameters.Instant(to)];
        await ExecuteAsync(
            connection,
            $"""
            WITH gone AS (DELETE FROM {Table} WHERE account_id = $1 AND from_day >= $2 AND to_day <= $3 RETURNING id)
            DELETE FROM {RowsTable} WHERE stretch_id IN (SELECT id FROM gone)
            """,
            Stretch(),
            cancellationToken);

        // One statement, so that the calls and the rows are of one snapshot. Rows that are read together are written together.
        const string days = "u.account_id = $1 AND u.day >= $2 AND u.day < $3";
        await ExecuteAsync(
            connection,
            $"""
            WITH made AS (
              INSERT INTO {Table} (account_id, from_day, to_day, calls)
              SELECT $1, $2, $3, coalesce(sum(u.calls), 0) FROM usage_day u WHERE {days}
              RETURNING id
            )
            INSERT INTO {RowsTable} (stretch_id, narrowing, provider, model, agent, customer_id, {s_measures})
            SELECT (SELECT id FROM made), grouping(provider, model, agent), coalesce(provider, ''), coalesce(model, ''), coalesce(agent, ''),
              customer_id, {s_sums}
            FROM usage_day u WHERE {days}
            GROUP BY GROUPING SETS (
              (customer_id), (customer_id, provider), (customer_id, agent), (customer_id, provider, model), (customer_id, provider, agent),
              (customer_id, provider, model, agent))
            ORDER BY 2, 4, 5, 3, customer_id
            """,
            Stretch(),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return from;
    }

    private async Task<List<(AccountId Account, AccountZone Zone)>> AccountsAsync(CancellationToken cancellationToken)
    {
        await using var select = db.CreateCommand(
            "SELECT h.account_id, a.time_zone FROM ledger_heads h JOIN accounts a ON a.id = h.account_id WHERE h.last_seq > 0 ORDER BY h.account_id");
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        List<(AccountId Account, AccountZone Zone)> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((new AccountId(reader.GetGuid(0)), AccountZone.Parse(reader.GetString(1))));
        }

        return found;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, AccountId account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_xact_lock({LockClass}, hashtext($1::text))", connection)
        {
            Parameters = { new() { Value = account.Value } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<DateTimeOffset?> FirstDayAsync(NpgsqlConnection connection, AccountId account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT min(day) FROM usage_day_total WHERE account_id = $1", connection)
        {
            Parameters = { new() { Value = account.Value } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime day ? new DateTimeOffset(day) : null;
    }

    /// <summary>What there is; those in <paramref name="made"/> are left as they are for now.</summary>
    private static async Task<List<KnownStretch>> KnownAsync(
        NpgsqlConnection connection, AccountId account, HashSet<DateTimeOffset> made, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT s.from_day, s.to_day, {HoldsSql} FROM {Table} s WHERE s.account_id = $1 ORDER BY s.from_day", connection)
        {
            Parameters = { new() { Value = account.Value } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<KnownStretch> known = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var from = reader.GetFieldValue<DateTimeOffset>(0);
            known.Add(new(from, reader.GetFieldValue<DateTimeOffset>(1), reader.GetBoolean(2) || made.Contains(from)));
        }

        return known;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
