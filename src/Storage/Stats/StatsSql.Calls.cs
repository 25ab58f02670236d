using LlmObserve.Domain.Events;

namespace LlmObserve.Storage.Stats;

/// <summary>The statement of lists by provider and model, or by provider and kind of service.</summary>
internal sealed partial class StatsSql
{
    private static readonly string VectorDbs =
        $"{(short)CallKind.VectorDb}, {(short)CallKind.VectorDbRead}, {(short)CallKind.VectorDbWrite}";

    /// <summary>The columns behind the measures.</summary>
    private const string Kinds = "reads, writes, api_calls";

    private static readonly string SumsByKind =
        $"{CallsOf(CallKind.VectorDbRead)} AS reads, {CallsOf(CallKind.VectorDbWrite)} AS writes, {CallsOf(CallKind.Api)} AS api_calls";

    private static readonly string Service =
        $"CASE WHEN span_kind = {(short)CallKind.Api} THEN '{StatsCallsRow.Api}' ELSE '{StatsCallsRow.VectorDb}' END";

    /// <summary>The sums of everything (part 0), and one page of rows by cost (part 1).</summary>
    public string Calls(RollupPlan plan, StatsCallsGroup group, StatsCallsPosition? after, int rows)
    {
        var behind = "";
        if (after is { } position)
        {
            var cost = Add(position.CostNanos);
            behind = $"WHERE (cost_nanos < {cost} OR (cost_nanos = {cost} AND (provider, name) > ({Add(position.Provider)}, {Add(position.Name)})))";
        }

        var name = group == StatsCallsGroup.Model ? "model" : Service;
        return $"""
            WITH grouped AS MATERIALIZED (
              SELECT provider, ({name}) COLLATE "C" AS name, {Sums}, {SumsByKind}
              FROM ({Slices(StretchCover.Of(plan), "provider, model, span_kind")}) AS slices GROUP BY 1, 2)
            SELECT 0 AS part, '' AS provider, '' AS name, {Sums}, coalesce(sum(reads), 0)::bigint, coalesce(sum(writes), 0)::bigint, coalesce(sum(api_calls), 0)::bigint
            FROM grouped
            UNION ALL
            (SELECT 1, provider, name, {Measures}, {Kinds} FROM grouped {behind} ORDER BY cost_nanos DESC, provider, name LIMIT {Add(rows)})
            """;
    }

    private static string CallsOf(CallKind kind) => $"coalesce(sum(calls) FILTER (WHERE span_kind = {(short)kind}), 0)::bigint";
}
