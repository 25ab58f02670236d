using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Stats;
using Npgsql;

namespace LlmObserve.Storage.Runs;

/// <summary>The statements of <see cref="RunsStore"/>.</summary>
internal static class RunsSql
{
    /// <summary>The sums of <see cref="RunFigures"/> over events, in the order in which <see cref="RunsStore"/> reads them.</summary>
    private const string Sums =
        """
        count(*) AS calls, coalesce(sum(cost_nanos), 0)::bigint AS cost_nanos, count(*) FILTER (WHERE is_error) AS errors,
        count(*) FILTER (WHERE unpriced) AS unpriced, coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
        coalesce(sum(output_tokens), 0)::bigint AS output_tokens, coalesce(sum(cached_tokens), 0)::bigint AS cached_tokens,
        coalesce(sum(latency_ms), 0) AS latency_ms, percentile_disc(0.5) WITHIN GROUP (ORDER BY nullif(latency_ms, 0)) AS p50_ms,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY nullif(latency_ms, 0)) AS p95_ms, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
        count(*) FILTER (WHERE latency_ms > 0) AS measured
        """;

    /// <summary>Newest first, through the index of a run's events: $1 account, $2 run, $3 how many.</summary>
    private const string OfRun = "SELECT * FROM events WHERE account_id = $1 AND run_id = $2 ORDER BY occurred_at DESC LIMIT $3";

    /// <summary>All figures of one run in one pass: in all (grouping 7), by section (3), by provider (5) and by model (6).</summary>
    public const string Figures =
        $"""
        WITH parts AS (
          SELECT grouping(section, provider, model) AS part, coalesce(section, provider, model, '') AS name, {Sums}
          FROM ({OfRun}) AS of_run
          GROUP BY GROUPING SETS ((), (section), (provider), (model))),
        ranked AS (SELECT *, row_number() OVER (PARTITION BY part ORDER BY cost_nanos DESC, name) AS rank FROM parts)
        SELECT part, name, calls, cost_nanos, errors, unpriced, input_tokens, output_tokens, cached_tokens, latency_ms, p50_ms, p95_ms,
               first_at, last_at, measured
        FROM ranked WHERE rank <= $4 ORDER BY part, rank
        """;

    /// <summary>A run's newest events.</summary>
    public const string Events =
        """
        SELECT id, span_id, parent_span_id, section, section_path, span_type, provider, endpoint, model, model_raw, customer_id,
               input_tokens, output_tokens, cached_tokens, cost_nanos, latency_ms, status, is_error, unpriced, semantic_label, occurred_at,
               hold_id, hold_outcome, held_nanos, hold_mismatch
        FROM events WHERE account_id = $1 AND run_id = $2 ORDER BY occurred_at DESC, seq DESC LIMIT $3
        """;

    /// <summary>The figures of some runs: $1 account, $2 runs, $3 how many events of each.</summary>
    public const string Summaries =
        $"""
        SELECT wanted.run_id, sums.*
        FROM unnest($2) WITH ORDINALITY AS wanted (run_id, place)
        CROSS JOIN LATERAL (
          SELECT {Sums} FROM (
            SELECT * FROM events WHERE account_id = $1 AND run_id = wanted.run_id ORDER BY occurred_at DESC LIMIT $3) AS of_run) AS sums
        ORDER BY wanted.place
        """;

    /// <summary>
    /// The next runs by their latest call, and in the last row, without a run, where the scan ended if it was cut. It reads a bounded
    /// stretch of the ledger, newest first; a run with a newer call than the stretch was on an earlier page.
    /// </summary>
    public static string Latest(
        NpgsqlParameterCollection parameters, AccountId account, StatsWindow window, StatsFilter filter, RunPosition? after, int runs, int scan)
    {
        string Add<T>(T value)
        {
            parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return $"${parameters.Count}";
        }

        var owner = $"account_id = {Add(account.Value)}";
        var matches = string.Concat(
            filter.CustomerId is { } customer ? $" AND customer_id = {Add(customer)}" : "",
            filter.Provider is { } provider ? $" AND provider = {Add(provider)}" : "",
            filter.Model is { } model ? $" AND model = {Add(model)}" : "",
            filter.Agent is { } agent ? $" AND agent = {Add(agent)}" : "");
        var from = Add(window.From);
        var to = Add(window.To);
        var (older, newer) = after is { } place
            ? Sides(Add(place.At), Add(place.Seq))
            : ($"occurred_at < {to}", "false");
        var limit = Add(scan);
        return $"""
            WITH stretch AS MATERIALIZED (
              SELECT run_id, occurred_at, seq, customer_id, provider, model, agent
              FROM events WHERE {owner} AND occurred_at >= {from} AND {older} ORDER BY occurred_at DESC, seq DESC LIMIT {limit}),
            found AS (
              SELECT DISTINCT ON (run_id) run_id, occurred_at, seq FROM stretch WHERE true{matches} ORDER BY run_id, occurred_at DESC, seq DESC),
            page AS (
              SELECT * FROM found WHERE NOT EXISTS (
                SELECT FROM events WHERE {owner} AND events.run_id = found.run_id AND occurred_at < {to} AND {newer}{matches})
              ORDER BY occurred_at DESC, seq DESC LIMIT {Add(runs)})
            SELECT run_id, occurred_at, seq FROM page
            UNION ALL
            (SELECT NULL, occurred_at, seq FROM stretch ORDER BY occurred_at DESC, seq DESC OFFSET {limit} - 1)
            """;
    }

    private static (string Older, string Newer) Sides(string at, string seq) => (
        $"occurred_at <= {at} AND (occurred_at, seq) < ({at}, {seq})",
        $"events.occurred_at >= {at} AND (events.occurred_at, events.seq) >= ({at}, {seq})");
}
