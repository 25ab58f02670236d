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

    /// <summary>
    /// The sums of everything (part 0), and one page of rows in an order, each with its value in it (part 1). By name, the names order
    /// before their providers.
    /// </summary>
    public string Calls(RollupPlan plan, StatsCallsGroup group, StatsOrder order, string? search, StatsCallsPosition? after, int rows)
    {
        var value = ValueOf(order.Sort);
        var (direction, beyond) = order.IsAscending ? ("ASC", ">") : ("DESC", "<");
        var (nameDirection, nameBeyond) = order.Sort == StatsSort.Name ? (direction, beyond) : ("ASC", ">");
        var (first, second) = order.Sort == StatsSort.Name ? ("name", "provider") : ("provider", "name");
        var conditions = new List<string>(2);
        if (after is { } position)
        {
            var last = Add(position.Value);
            var (provider, row) = (Add(position.Provider), Add(position.Name));
            var names = order.Sort == StatsSort.Name ? $"{row}, {provider}" : $"{provider}, {row}";
            conditions.Add($"({value} {beyond} {last} OR ({value} = {last} AND ({first}, {second}) {nameBeyond} ({names})))");
        }

        if (search is not null)
        {
            conditions.Add($"({Holds("name", search)} OR {Holds("provider", search)})");
        }

        var name = group == StatsCallsGroup.Model ? "model" : Service;
        return $"""
            WITH grouped AS MATERIALIZED (
              SELECT provider, ({name}) COLLATE "C" AS name, {Sums}, {SumsByKind}
              FROM ({Slices(StretchCover.Of(plan), "provider, model, span_kind")}) AS slices GROUP BY 1, 2)
            SELECT 0 AS part, '' AS provider, '' AS name, {Sums}, coalesce(sum(reads), 0)::bigint, coalesce(sum(writes), 0)::bigint, coalesce(sum(api_calls), 0)::bigint,
              0::bigint
            FROM grouped
            UNION ALL
            (SELECT 1, provider, name, {Measures}, {Kinds}, {value} FROM grouped {(conditions.Count == 0 ? "" : "WHERE ")}{string.Join(" AND ", conditions)}
            ORDER BY {value} {direction}, {first} {nameDirection}, {second} {nameDirection} LIMIT {Add(rows)})
            """;
    }

    private static string CallsOf(CallKind kind) => $"coalesce(sum(calls) FILTER (WHERE span_kind = {(short)kind}), 0)::bigint";
}
