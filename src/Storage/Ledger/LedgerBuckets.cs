using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Audit;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>Moves an account into another time zone: the buckets of its open periods are made anew from its events.</summary>
public sealed class LedgerBuckets(NpgsqlDataSource db)
{
    /// <summary>Ten million events of one month take less than a minute; the account waits meanwhile.</summary>
    private const int TimeoutSeconds = 600;

    /// <summary>Should this process stop between two statements, the account's head must not stay locked.</summary>
    private const string IdleTimeout = "30s";

    /// <summary>How far beyond now an event may lie, with room to spare.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromDays(1);

    private static readonly string s_measures = string.Join(", ", Rollup.Measures.Select(measure => measure.Name));

    /// <summary>
    /// In one transaction: changes the account's zone, and replaces the buckets of every period that is open in either zone. Older buckets
    /// keep their edges. It must be the account's own turn: it lands only while the head carries that epoch and sequence, and changes neither.
    /// </summary>
    /// <returns>False where the head differs: nothing was changed, this activation must go.</returns>
    public async Task<bool> ChangeZoneAsync(
        AccountId account,
        long epoch,
        long expectedSeq,
        AccountZone from,
        AccountZone to,
        DateTimeOffset now,
        AuditEntry? audit,
        CancellationToken cancellationToken)
    {
        var cut = Cut(from, to, now);
        var hoursCut = Max(cut, from.HourStart(now - LedgerRetention.HourCustomer));
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await FenceAsync(connection, account, epoch, expectedSeq, cancellationToken))
        {
            return false;
        }

        // A bucket of the new zone that begins before the cut may get more than it had.
        await LedgerStretches.DeleteAsync(connection, account, Min(cut, to.DayStart(cut)), cancellationToken);
        foreach (var rollup in Rollup.All)
        {
            await ExecuteAsync(
                connection,
                $"DELETE FROM {rollup.Table} WHERE account_id = $1 AND {rollup.Keys[0].Name} >= $2",
                [new() { Value = account.Value }, Parameters.Instant(rollup == Rollup.HourCustomer ? hoursCut : cut)],
                cancellationToken);
        }

        await InsertAsync(connection, account, to, cut, hoursCut, now, cancellationToken);
        await ExecuteAsync(
            connection,
            "UPDATE accounts SET time_zone = $2, updated_at = $3 WHERE id = $1",
            [new() { Value = account.Value }, new() { Value = to.Id }, Parameters.Instant(now)],
            cancellationToken);
        if (audit is not null)
        {
            await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// From where on everything is made anew: no later than the beginning of any period that is open in either zone, and a beginning of a day
    /// of the old zone, so that no bucket that stays holds an event from after it.
    /// </summary>
    private static DateTimeOffset Cut(AccountZone from, AccountZone to, DateTimeOffset now) => from.DayStart(
        new[] { from.WeekStart(now), from.MonthStart(now), to.WeekStart(now), to.MonthStart(now) }.Min());

    private static async Task<bool> FenceAsync(
        NpgsqlConnection connection, AccountId account, long epoch, long expectedSeq, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"SET LOCAL idle_in_transaction_session_timeout = '{IdleTimeout}'", [], cancellationToken);
        await using var fence = new NpgsqlCommand(
            "SELECT true FROM ledger_heads WHERE account_id = $1 AND epoch = $2 AND last_seq = $3 FOR UPDATE", connection)
        {
            Parameters = { new() { Value = account.Value }, new() { Value = epoch }, new() { Value = expectedSeq } },
        };
        return await fence.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// The events are read once, each stretch of them by its index, and grouped as finely as the finest rollup; the rollups add that up. A
    /// bucket of the new zone that begins before the cut may be there already: what it has from before the cut stays. Each day names the first
    /// sections of what is made anew, so such a one may name up to twice as many.
    /// </summary>
    private static async Task InsertAsync(
        NpgsqlConnection connection,
        AccountId account,
        AccountZone zone,
        DateTimeOffset cut,
        DateTimeOffset hoursCut,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var buckets = Buckets(zone, cut, hoursCut, now + s_ahead);
        var counters = string.Join(
            ", ",
            Enumerable.Range(0, LatencyHistogram.BucketCount).Select(bucket => $"count(*) FILTER (WHERE e.latency_ms > 0 AND width_bucket(e.latency_ms, $6::integer[]) = {bucket}) AS {LatencyHistogram.Columns[bucket]}"));
        var sums = string.Join(", ", Rollup.Measures.Select(measure => $"sum({measure.Name})::{measure.SqlType} AS {measure.Name}"));
        var additions = string.Join(", ", Rollup.Measures.Select(measure => $"{measure.Name} = u.{measure.Name} + excluded.{measure.Name}"));
        var inserts = Rollup.All.Select(rollup =>
        {
            var keys = string.Join(", ", rollup.Keys.Select(key => key.Name));
            var rows = rollup == Rollup.DaySection ? "sections" : rollup == Rollup.HourCustomer ? "fine WHERE is_recent" : "fine";
            return $"""
                {rollup.Table}_made AS (
                  INSERT INTO {rollup.Table} AS u (account_id, {keys}, {s_measures})
                  SELECT $1, {keys}, {sums} FROM {rows} GROUP BY {keys}
                  ON CONFLICT (account_id, {keys}) DO UPDATE SET {additions}
                )
                """;
        });
        await ExecuteAsync(
            connection,
            $"""
            WITH fine AS MATERIALIZED (
              SELECT b.hour, b.day, b.begins >= $7 AS is_recent, {CallKindSql.Text} AS span_kind, e.customer_id, e.provider, e.model, e.agent,
                e.section_path AS whole_path, min(e.seq) AS first_seq, count(*) AS calls,
                count(*) FILTER (WHERE is_error) AS errors, count(*) FILTER (WHERE unpriced) AS unpriced_calls,
                sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cached_tokens) AS cached_tokens,
                sum(cache_write_tokens) AS cache_write_tokens, sum(reasoning_tokens) AS reasoning_tokens,
                sum(cost_nanos) AS cost_nanos, sum(latency_ms) AS latency_ms_sum, {counters}
              FROM (
                SELECT unnest($2::timestamptz[]) AS begins, unnest($3::timestamptz[]) AS ends, unnest($4::timestamptz[]) AS hour, unnest($5::timestamptz[]) AS day
              ) b
              JOIN events e ON e.account_id = $1 AND e.occurred_at >= b.begins AND e.occurred_at < b.ends
              GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
            ),
            paths AS (
              SELECT day, whole_path, provider, model, agent, span_kind, min(first_seq) AS first_seq, {sums} FROM fine GROUP BY 1, 2, 3, 4, 5, 6
            ),
            firsts AS (
              SELECT *, whole_path <> '{SectionPaths.Others}' AND octet_length(whole_path) <= {SectionPaths.MaxBytes} AS fits,
                min(first_seq) OVER (PARTITION BY day, whole_path) AS path_first
              FROM paths
            ),
            sections AS (
              SELECT *, CASE
                WHEN fits AND dense_rank() OVER (PARTITION BY day, fits ORDER BY path_first) <= {SectionPaths.MaxPerDay} THEN whole_path
                ELSE '{SectionPaths.Others}'
              END AS section_path
              FROM firsts
            ),
            {string.Join(",\n", inserts)}
            SELECT 1
            """,
            [
                new() { Value = account.Value },
                Instants(buckets, bucket => bucket.Begins),
                Instants(buckets, bucket => bucket.Ends),
                Instants(buckets, bucket => bucket.In.Hour),
                Instants(buckets, bucket => bucket.In.Day),

                // width_bucket counts an edge itself to the next bucket; latencies are whole milliseconds.
                new() { Value = LatencyHistogram.UpperEdgesMs.Select(edge => edge + 1).ToArray() },
                Parameters.Instant(hoursCut),
            ],
            cancellationToken);
    }

    /// <summary>The stretches from the cut on that lie in one bucket each; none reaches over <paramref name="hoursCut"/>.</summary>
    private static List<(DateTimeOffset Begins, DateTimeOffset Ends, HourAndDay In)> Buckets(
        AccountZone zone, DateTimeOffset cut, DateTimeOffset hoursCut, DateTimeOffset end)
    {
        List<(DateTimeOffset Begins, DateTimeOffset Ends, HourAndDay In)> buckets = [];
        for (var at = cut; at < end;)
        {
            var next = zone.HourEnd(at);
            if (at < hoursCut && next > hoursCut)
            {
                next = hoursCut;
            }

            buckets.Add((at, next, zone.BucketOf(at)));
            at = next;
        }

        return buckets;
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static NpgsqlParameter Instants<T>(List<T> rows, Func<T, DateTimeOffset> read) => new()
    {
        Value = rows.ConvertAll(row => read(row).UtcDateTime),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
