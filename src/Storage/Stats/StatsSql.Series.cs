using System.Text;

namespace LlmObserve.Storage.Stats;

/// <summary>The statements of time series: three measures by bucket. What comes from a rollup by hour has hours for buckets, also in a series by day.</summary>
internal sealed partial class StatsSql
{
    private const string SeriesMeasures = "cost_nanos, calls, errors";

    private const string SeriesSums = "sum(cost_nanos)::bigint AS cost_nanos, sum(calls)::bigint AS calls, sum(errors)::bigint AS errors";

    /// <summary>Bucket by bucket, the sums of everything.</summary>
    public string Series(RollupPlan plan) =>
        $"SELECT bucket, {SeriesSums} FROM ({Buckets(plan, null)}) AS slices GROUP BY bucket";

    /// <summary>
    /// Bucket by bucket, the sums of the dearest names by rank from 1, and under the rank behind the last those of all others, without a name.
    /// </summary>
    public string Series(RollupPlan plan, StatsGroup group, int top)
    {
        var key = KeyOf(group);
        var last = Add(top);
        return $"""
            WITH cells AS MATERIALIZED (
              SELECT bucket, {key} AS name, {SeriesSums} FROM ({Buckets(plan, key)}) AS slices GROUP BY bucket, {key}),
            ranked AS (SELECT name, least(row_number() OVER (ORDER BY sum(cost_nanos) DESC, name), {last} + 1)::integer AS rank FROM cells GROUP BY name)
            SELECT rank, CASE WHEN rank <= {last} THEN name END AS series, bucket, {SeriesSums}
            FROM cells JOIN ranked USING (name)
            GROUP BY rank, series, bucket
            ORDER BY rank
            """;
    }

    private string Buckets(RollupPlan plan, string? key)
    {
        var sql = new StringBuilder();
        foreach (var slice in plan.Slices)
        {
            sql.Append(sql.Length == 0 ? "" : " UNION ALL ");
            var bucket = $"{slice.Rollup.Keys[0].Name} AS bucket";
            Slice(sql, slice, key is null ? bucket : $"{bucket}, {key}", SeriesMeasures);
        }

        return sql.ToString();
    }
}
