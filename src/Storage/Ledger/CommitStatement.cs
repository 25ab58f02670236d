using System.Globalization;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// The one statement that appends to the ledger, for the partitions of one week. <see cref="LedgerCommit"/> fills its parameters.
/// <para>
/// <b>Why the fence makes it exact.</b> Everything below reads with the one snapshot that the statement took when it began; a lock waited
/// for does not renew it. That would be wrong for the look-up of ids if another commit of the account could land between the snapshot and
/// the lock. It cannot: a commit that inserts moves <c>last_seq</c>, and a new activation moves <c>epoch</c>; neither ever takes a value
/// again. If the row that <c>fence</c> locks passed its condition, then the version that the snapshot sees passed it as well — PostgreSQL
/// looks the row up in the snapshot first and, where a newer version exists, checks the condition again on that one — so both are one
/// version, nothing of the account has landed since the snapshot, and while the lock is held nothing can. So the ids that the snapshot
/// shows are all the ids there are, and the rows of the rollups are this statement's alone. Every commit takes the heads in the order of
/// account ids, so no two commits can wait for each other.
/// </para>
/// <para>
/// <b>Why three weeks are looked through.</b> An id is unique over each week and the next. A batch is looked up in the week before its own,
/// in its own, and in the week after: a batch received on Sunday whose commit was lost may be sent again on Monday by the client, land
/// there, and only then be sent again here with its original time.
/// </para>
/// <para>
/// <b>Why an account with a duplicate writes nothing.</b> The rollups' additions are summed up by the caller, before it is known which ids
/// are new: several times cheaper than grouping twenty-five measures by up to seven columns six times in SQL. So where any id of an account
/// is a duplicate, the statement only names those, and the caller sends the rest in its next commit. The fence still holds then: had
/// anything landed meanwhile, <c>last_seq</c> would differ.
/// </para>
/// </summary>
internal static class CommitStatement
{
    /// <summary>In place of an account's base: another epoch or sequence.</summary>
    public const long Fenced = -1;

    /// <summary>In place of an account's base: some ids exist already.</summary>
    public const long HasDuplicates = -2;

    /// <summary>
    /// The text for the partitions around <paramref name="week"/>. It answers one row: per account the sequence that it stood at, or one of
    /// the constants above; and the ordinals, from 1, of the rows whose ids exist.
    /// </summary>
    public static string Text(LedgerWeek week)
    {
        var next = 1;
        string Parameter(string type) => string.Create(CultureInfo.InvariantCulture, $"${next++}::{type}[]");

        var accounts = Parameter("uuid");
        var epochs = Parameter("bigint");
        var sequences = Parameter("bigint");
        var counts = Parameter("bigint");
        var costs = Parameter("bigint");
        var rowAccounts = Parameter("integer");
        var ids = Parameter("text");

        // Functions that return sets stand in the select list, not in FROM: there they run in step, without a temporary copy of each array.
        List<string> parts =
        [
            $"""
            fence AS MATERIALIZED (
              SELECT a.no, h.last_seq
              FROM (
                SELECT unnest({accounts}) AS account_id, unnest({epochs}) AS epoch, unnest({sequences}) AS seq, generate_subscripts({accounts}, 1) AS no
              ) a
              CROSS JOIN LATERAL (
                SELECT last_seq FROM ledger_heads
                WHERE account_id = a.account_id AND epoch = a.epoch AND last_seq = a.seq
                FOR UPDATE
              ) h
            )
            """,
            $"""
            held AS MATERIALIZED (
              SELECT array_agg(coalesce(f.last_seq, {Fenced}) ORDER BY n.no) AS by_account
              FROM generate_series(1, cardinality({accounts})) n (no) LEFT JOIN fence f USING (no)
            )
            """,
            // Scalar sub-queries, not EXISTS: that one may be planned as a hash of the whole partition.
            $"""
            duplicate AS MATERIALIZED (
              SELECT r.row_no, r.no
              FROM (SELECT unnest({rowAccounts}) AS no, unnest({ids}) AS id, generate_subscripts({ids}, 1) AS row_no) r
              WHERE (SELECT by_account FROM held)[r.no] >= 0
                AND coalesce({Lookup(week)}, {Lookup(week.Previous)}, {Lookup(week.Next)}, false)
            )
            """,
            $"""
            base AS MATERIALIZED (
              SELECT array_agg(
                CASE WHEN n.no IN (SELECT no FROM duplicate) THEN {HasDuplicates} ELSE (SELECT by_account FROM held)[n.no] END ORDER BY n.no) AS by_account
              FROM generate_series(1, cardinality({accounts})) n (no)
            )
            """,
            Events(week, accounts, rowAccounts, ids, Parameter),
            Heads(accounts, counts, costs),
        ];
        parts.AddRange(Rollup.All.Select(rollup => Additions(rollup, accounts, Parameter)));
        parts.Add(Overruns(accounts, Parameter));
        return $"WITH {string.Join(",\n", parts)}\nSELECT (SELECT by_account FROM base), ARRAY(SELECT row_no FROM duplicate)";

        // Rows are compared, and not column by column: only the unique index matches that. The statement is planned once, perhaps while the
        // week is empty; then every index costs the same, and one that begins with the account would be read through for every id.
        string Lookup(LedgerWeek place) =>
            $"(SELECT true FROM {place.TableName} e WHERE (e.id, e.account_id) >= (r.id, ({accounts})[r.no]) "
            + $"AND (e.id, e.account_id) <= (r.id, ({accounts})[r.no]))";
    }

    private static string Events(
        LedgerWeek week, string accounts, string rowAccounts, string ids, Func<string, string> parameter)
    {
        var places = parameter("integer");
        var columns = EventColumns.Others.Select(column => (column.Name, column.SqlType, column.ValueSql))
            .Concat(EventColumns.Hold.Select(column => (column.Name, column.SqlType, column.ValueSql)))
            .ToList();
        var names = string.Join(", ", columns.Select(column => column.Name));
        var inserted = string.Join(", ", columns.Select(column => column.ValueSql));
        var values = string.Join(", ", columns.Select(column => $"unnest({parameter(column.SqlType)}) AS {column.Name}"));
        return
            $"""
            inserted AS (
              INSERT INTO {week.TableName} (account_id, seq, id, {names})
              SELECT ({accounts})[r.no], (SELECT by_account FROM base)[r.no] + r.place, r.id, {inserted}
              FROM (
                SELECT unnest({rowAccounts}) AS no, unnest({ids}) AS id, unnest({places}) AS place, {values}
              ) r
              WHERE (SELECT by_account FROM base)[r.no] >= 0
            )
            """;
    }

    /// <summary>
    /// The heads exist and are locked, so this always updates. It is written as an insert because that is planned as a look-up of each key,
    /// whatever the planner believes about the table's size.
    /// </summary>
    private static string Heads(string accounts, string counts, string costs) =>
        $"""
        moved AS (
          INSERT INTO ledger_heads AS h (account_id, last_seq, total_calls, total_cost_nanos)
          SELECT a.account_id, a.calls, a.calls, a.cost
          FROM (
            SELECT unnest({accounts}) AS account_id, unnest({counts}) AS calls, unnest({costs}) AS cost, generate_subscripts({accounts}, 1) AS no
          ) a
          WHERE (SELECT by_account FROM base)[a.no] >= 0
          ON CONFLICT (account_id) DO UPDATE SET
            last_seq = h.last_seq + excluded.last_seq,
            total_calls = h.total_calls + excluded.total_calls,
            total_cost_nanos = h.total_cost_nanos + excluded.total_cost_nanos
        )
        """;

    private static string Additions(Rollup rollup, string accounts, Func<string, string> parameter)
    {
        var keys = string.Join(", ", rollup.Keys.Select(key => key.Name));
        var measures = string.Join(", ", Rollup.Measures.Select(measure => measure.Name));
        var inserted = string.Join(", ", Rollup.Measures.Select(measure => measure.ValueSql));
        var rowAccounts = parameter("integer");
        var columns = rollup.Keys.Concat(Rollup.Measures);
        var values = string.Join(", ", columns.Select(column => $"unnest({parameter(column.SqlType)}) AS {column.Name}"));
        var additions = string.Join(", ", Rollup.Measures.Select(measure => $"{measure.Name} = u.{measure.Name} + excluded.{measure.Name}"));
        return
            $"""
            {rollup.Table}_added AS (
              INSERT INTO {rollup.Table} AS u (account_id, {keys}, {measures})
              SELECT ({accounts})[r.no], {keys}, {inserted}
              FROM (SELECT unnest({rowAccounts}) AS no, {values}) r
              WHERE (SELECT by_account FROM base)[r.no] >= 0
              ON CONFLICT (account_id, {keys}) DO UPDATE SET {additions}
            )
            """;
    }

    private static string Overruns(string accounts, Func<string, string> parameter)
    {
        var rowAccounts = parameter("integer");
        var names = string.Join(", ", OverrunDelta.Columns.Select(column => column.Name));
        var values = string.Join(", ", OverrunDelta.Columns.Select(column => $"unnest({parameter(column.SqlType)}) AS {column.Name}"));
        return
            $"""
            overruns_added AS (
              INSERT INTO cap_overruns AS o (account_id, {names})
              SELECT ({accounts})[r.no], {names}
              FROM (SELECT unnest({rowAccounts}) AS no, {values}) r
              WHERE (SELECT by_account FROM base)[r.no] >= 0
              ON CONFLICT (account_id, period_start, cap_id) DO UPDATE SET
                calls = o.calls + excluded.calls, overrun_nanos = o.overrun_nanos + excluded.overrun_nanos
            )
            """;
    }
}
