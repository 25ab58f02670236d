using System.Text;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>Writes the statements of <see cref="StatsStore"/>: the text follows the plan, every value is a parameter.</summary>
internal sealed partial class StatsSql
{
    /// <summary>The measures of a rollup's row, as it stores them.</summary>
    private static readonly string Measures =
        "calls, errors, unpriced_calls, input_tokens, output_tokens, cached_tokens, cost_nanos, latency_ms_sum, "
        + string.Join(", ", LatencyHistogram.Columns);

    /// <summary>The same, to be taken away.</summary>
    private static readonly string Negated = string.Join(", ", Measures.Split(", ").Select(measure => $"-{measure} AS {measure}"));

    /// <summary>The sums of <see cref="Measures"/>, under the same names.</summary>
    private static readonly string Sums = string.Join(
        ", ",
        Measures.Split(", ").Select(measure => $"coalesce(sum({measure}), 0)::bigint AS {measure}"));

    private readonly NpgsqlParameterCollection _parameters;
    private readonly AccountId _account;
    private readonly StatsFilter _filter;

    public StatsSql(NpgsqlParameterCollection parameters, AccountId account, StatsFilter filter) =>
        (_parameters, _account, _filter) = (parameters, account, filter);

    /// <summary>The sums of everything.</summary>
    public string Totals(RollupPlan plan) => $"SELECT {Sums} FROM ({Slices(StretchCover.Of(plan), "")}) AS slices";

    /// <summary>
    /// The sums of everything (kind 0) and of the dearest providers (1) and models (2). Pairs of both are summed first: they are few, the
    /// rows behind them many.
    /// </summary>
    public string Tops(RollupPlan plan, int rows) =>
        $"""
        WITH pairs AS MATERIALIZED (
          SELECT provider, model, {Sums} FROM ({Slices(StretchCover.Of(plan), "provider, model")}) AS slices GROUP BY provider, model)
        SELECT 0 AS kind, '' AS name, {Sums} FROM pairs
        UNION ALL
        (SELECT 1, provider, {Sums} FROM pairs GROUP BY provider ORDER BY cost_nanos DESC, provider LIMIT {Add(rows)})
        UNION ALL
        (SELECT 2, model, {Sums} FROM pairs GROUP BY model ORDER BY cost_nanos DESC, model LIMIT {Add(rows)})
        """;

    /// <summary>The rollup rows of a cover, one stretch of time after the other.</summary>
    private string Slices(StretchCover cover, string keys)
    {
        var sql = new StringBuilder();
        if (!cover.Stretches.IsEmpty)
        {
            Stretches(sql, [.. cover.Stretches], keys);
        }

        foreach (var slice in cover.Slices)
        {
            sql.Append(sql.Length == 0 ? "" : " UNION ALL ");
            Slice(sql, slice, keys, Measures);
        }

        foreach (var slice in cover.Beyond)
        {
            sql.Append(" UNION ALL ");
            Slice(sql, slice, keys, Negated);
        }

        return sql.ToString();
    }

    /// <summary>
    /// The rows of closed stretches with the narrowing that the filter needs: one look for each stretch. What a narrowing does not tell
    /// apart is empty in its rows; saying so lets the look end at the last column of the index that the filter gives.
    /// </summary>
    private void Stretches(StringBuilder sql, long[] stretches, string keys)
    {
        var (narrowing, empty) = (_filter.Provider, _filter.Model, _filter.Agent) switch
        {
            (_, not null, not null) => (StretchNarrowing.ProviderModelAgent, ""),
            (_, not null, null) => (StretchNarrowing.ProviderModel, " AND agent = ''"),
            (not null, null, not null) => (StretchNarrowing.ProviderAgent, " AND model = ''"),
            (not null, null, null) => (StretchNarrowing.Provider, " AND model = '' AND agent = ''"),
            (null, null, not null) => (StretchNarrowing.Agent, " AND model = '' AND provider = ''"),
            _ => (StretchNarrowing.None, " AND model = '' AND agent = '' AND provider = ''"),
        };

        // OFFSET 0 keeps the planner from joining otherwise.
        sql.Append($"SELECT {keys}, {Measures} FROM unnest({Add(stretches)}) AS found (id) CROSS JOIN LATERAL (SELECT * FROM {LedgerStretches.RowsTable}")
            .Append($" WHERE stretch_id = found.id AND narrowing = {(short)narrowing}::smallint{empty}");
        AndLabels(sql);
        sql.Append(" OFFSET 0) AS of_stretch");
    }

    private void Slice(StringBuilder sql, RollupSlice slice, string keys, string measures)
    {
        var account = Add(_account.Value);
        var table = slice.Rollup.Table;
        var bucket = slice.Rollup.Keys[0].Name;
        var columns = keys.Length == 0 ? measures : $"{keys}, {measures}";
        var stretch = $"account_id = {account} AND {bucket} >= {Add(slice.From)} AND {bucket} < {Add(slice.To)}";
        var customer = _filter.CustomerId is { } id ? Add(id) : null;

        // A customer's rows are few but spread over every day or hour of the index: one look for each bucket that has any, instead of reading
        // all customers'. The smaller rollup with the same buckets says which those are. OFFSET 0 keeps the planner from joining otherwise.
        var buckets = customer is null ? null
            : slice.Rollup == Rollup.Day ? $"SELECT day AS bucket FROM {Rollup.DayCustomer.Table} WHERE {stretch} AND customer_id = {customer}"
            : slice.Rollup == Rollup.HourCustomer ? $"SELECT DISTINCT hour AS bucket FROM {Rollup.Hour.Table} WHERE {stretch}"
            : null;
        if (buckets is null)
        {
            sql.Append($"SELECT {columns} FROM {table} WHERE {stretch}");
            And(sql, "customer_id", customer);
        }
        else
        {
            sql.Append($"SELECT {columns} FROM ({buckets} OFFSET 0) AS found CROSS JOIN LATERAL (SELECT * FROM {table}")
                .Append($" WHERE account_id = {account} AND {bucket} = found.bucket AND customer_id = {customer}");
        }

        AndLabels(sql);
        sql.Append(buckets is null ? "" : " OFFSET 0) AS of_customer");
    }

    private void AndLabels(StringBuilder sql)
    {
        And(sql, "provider", _filter.Provider is { } provider ? Add(provider) : null);
        And(sql, "model", _filter.Model is { } model ? Add(model) : null);
        And(sql, "agent", _filter.Agent is { } agent ? Add(agent) : null);
        sql.Append(_filter.Kind switch
        {
            StatsKind.Llm => $" AND span_kind = {(short)CallKind.Llm}",
            StatsKind.Infrastructure => $" AND span_kind IN ({(short)CallKind.Api}, {VectorDbs})",
            _ => "",
        });
    }

    private static void And(StringBuilder sql, string column, string? parameter)
    {
        if (parameter is not null)
        {
            sql.Append($" AND {column} = {parameter}");
        }
    }

    private static string KeyOf(StatsGroup group) => group switch
    {
        StatsGroup.Provider => "provider",
        StatsGroup.Model => "model",
        StatsGroup.Customer => "customer_id",
        StatsGroup.Agent => "agent",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, null),
    };

    private string Add<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_parameters.Count}";
    }
}
