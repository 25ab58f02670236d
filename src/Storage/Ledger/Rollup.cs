using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using Column = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.RollupDelta>;

namespace LlmObserve.Storage.Ledger;

/// <summary>One rollup table. The README says who reads which.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Keys">What its rows are kept by, after the account: the columns of its primary key, in order.</param>
/// <param name="KeyOf">The row of it that an event of the account with that ordinal belongs to.</param>
internal sealed record Rollup(
    string Table, ImmutableArray<ArrayColumn<RollupDelta>> Keys, Func<int, LedgerRow, RollupKey> KeyOf)
{
    private static readonly ArrayColumn<RollupDelta> s_hour = Column.Instant("hour", d => d.Key.Time);
    private static readonly ArrayColumn<RollupDelta> s_day = Column.Instant("day", d => d.Key.Time);
    private static readonly ArrayColumn<RollupDelta> s_kind = Column.Smallint("span_kind", d => (short)d.Key.Kind);
    private static readonly ArrayColumn<RollupDelta> s_customer = Column.Text("customer_id", d => d.Key.Customer);
    private static readonly ArrayColumn<RollupDelta> s_section = Column.Text("section_path", d => d.Key.Section);
    private static readonly ArrayColumn<RollupDelta> s_provider = Column.Text("provider", d => d.Key.Provider);
    private static readonly ArrayColumn<RollupDelta> s_model = Column.Text("model", d => d.Key.Model);
    private static readonly ArrayColumn<RollupDelta> s_agent = Column.Text("agent", d => d.Key.Agent);

    /// <summary>R1: by hour without customer.</summary>
    public static readonly Rollup Hour = new(
        "usage_hour", [s_hour, s_provider, s_model, s_agent, s_kind], (account, row) => WithoutCustomer(account, row.Hour, row.Event));

    /// <summary>R2: by day and customer.</summary>
    public static readonly Rollup DayCustomer = new(
        "usage_day_customer",
        [s_day, s_customer],
        (account, row) => new RollupKey(account, row.Day.UtcTicks, default, row.Event.CustomerId, "", "", ""));

    /// <summary>R3: by day, customer and call.</summary>
    public static readonly Rollup Day = new(
        "usage_day", [s_day, s_customer, s_provider, s_model, s_agent, s_kind], (account, row) => WithCustomer(account, row.Day, row.Event));

    /// <summary>R4: by hour, customer and call, for the days in which an event may still land.</summary>
    public static readonly Rollup HourCustomer = new(
        "usage_hour_customer", [s_hour, s_customer, s_provider, s_model, s_agent, s_kind], (account, row) => WithCustomer(account, row.Hour, row.Event));

    /// <summary>R5: by day without customer.</summary>
    public static readonly Rollup DayTotal = new(
        "usage_day_total", [s_day, s_provider, s_model, s_agent, s_kind], (account, row) => WithoutCustomer(account, row.Day, row.Event));

    /// <summary>R7: by day, section and call without customer.</summary>
    public static readonly Rollup DaySection = new(
        "usage_day_section",
        [s_day, s_section, s_provider, s_model, s_agent, s_kind],
        (account, row) => WithoutCustomer(account, row.Day, row.Event) with { Section = row.Section });

    /// <summary>All of them, in the order in which a commit adds to them.</summary>
    public static readonly ImmutableArray<Rollup> All = [Hour, DayCustomer, Day, HourCustomer, DayTotal, DaySection];

    /// <summary>What every rollup counts; each column is the sum of the same in the rows that it covers.</summary>
    public static readonly ImmutableArray<ArrayColumn<RollupDelta>> Measures =
    [
        Column.Bigint("calls", d => d.Calls),
        Column.BigintOrZero("errors", d => d.Errors),
        Column.BigintOrZero("unpriced_calls", d => d.UnpricedCalls),
        Column.Bigint("input_tokens", d => d.InputTokens),
        Column.Bigint("output_tokens", d => d.OutputTokens),
        Column.BigintOrZero("cached_tokens", d => d.CachedTokens),
        Column.BigintOrZero("cache_write_tokens", d => d.CacheWriteTokens),
        Column.BigintOrZero("reasoning_tokens", d => d.ReasoningTokens),
        Column.Bigint("cost_nanos", d => d.CostNanos),
        Column.Bigint("latency_ms_sum", d => d.LatencyMsSum),
        .. LatencyHistogram.Columns.Select((name, bucket) => Column.IntegerOrZero(name, d => d.Latency[bucket])),
    ];

    /// <summary>What the given rows add to this rollup, in the order of its primary key: neighbours there are on one page.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="accounts">For each row, the ordinal of its account, from 1.</param>
    public RollupDelta[] DeltasOf(ReadOnlySpan<LedgerRow> rows, ReadOnlySpan<int> accounts)
    {
        var deltas = new Dictionary<RollupKey, RollupDelta>();
        for (var i = 0; i < rows.Length; i++)
        {
            var key = KeyOf(accounts[i], rows[i]);
            if (!deltas.TryGetValue(key, out var delta))
            {
                delta = new RollupDelta(key);
                deltas.Add(key, delta);
            }

            delta.Add(rows[i].Event);
        }

        var sorted = deltas.Values.ToArray();
        Array.Sort(sorted, static (a, b) => RollupKey.Compare(a.Key, b.Key));
        return sorted;
    }

    private static RollupKey WithoutCustomer(int account, DateTimeOffset time, LedgerEvent e) =>
        new(account, time.UtcTicks, CallKinds.Of(e), "", e.Provider, e.Model, e.Agent);

    private static RollupKey WithCustomer(int account, DateTimeOffset time, LedgerEvent e) =>
        new(account, time.UtcTicks, CallKinds.Of(e), e.CustomerId, e.Provider, e.Model, e.Agent);
}
