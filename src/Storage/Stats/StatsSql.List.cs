using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Stats;

/// <summary>The statements of lists.</summary>
internal sealed partial class StatsSql
{
    /// <summary>The calls that say how long they took.</summary>
    private static readonly string Measured = $"({string.Join(" + ", LatencyHistogram.Columns)})";

    /// <summary>
    /// One page of rows in an order, each with the cost of all and its value in that order. Sums are made once, before the page is cut, so that
    /// shares are of the whole.
    /// </summary>
    public string Page(StretchCover cover, StatsGroup group, StatsOrder order, string? search, StatsPosition? after, int rows)
    {
        var (key, value) = (KeyOf(group), ValueOf(order.Sort));
        var (direction, beyond) = order.IsAscending ? ("ASC", ">") : ("DESC", "<");
        var (nameDirection, nameBeyond) = order.Sort == StatsSort.Name ? (direction, beyond) : ("ASC", ">");
        var conditions = new List<string>(2);
        if (after is { } position)
        {
            var last = Add(position.Value);
            conditions.Add($"({value} {beyond} {last} OR ({value} = {last} AND {key} {nameBeyond} {Add(position.Name)}))");
        }

        if (search is not null)
        {
            conditions.Add(Holds(key, search));
        }

        // Whoever has calls only beyond the window has none left.
        var left = cover.Beyond.IsEmpty ? "" : "HAVING sum(calls) > 0";
        return $"""
            WITH grouped AS MATERIALIZED (SELECT {key}, {Sums} FROM ({Slices(cover, key)}) AS slices GROUP BY {key} {left})
            SELECT {key}, {Measures}, (SELECT sum(cost_nanos)::bigint FROM grouped), {value}
            FROM grouped {(conditions.Count == 0 ? "" : "WHERE ")}{string.Join(" AND ", conditions)}
            ORDER BY {value} {direction}, {key} {nameDirection}
            LIMIT {Add(rows)}
            """;
    }

    /// <summary>
    /// Whether a name holds a text, whatever the case. The capitals of the text's own letters are made small in names: the tables compare bytes and
    /// know no case beyond ASCII, and no character has a meaning, as those of LIKE would.
    /// </summary>
    private string Holds(string key, string text)
    {
        var small = string.Concat(text.Select(char.ToLowerInvariant));
        var capitals = small.Distinct().Where(letter => char.ToUpperInvariant(letter) != letter).ToArray();
        var from = Add(string.Concat(capitals.Select(char.ToUpperInvariant)));
        return $"strpos(translate({key}, {from}, {Add(string.Concat(capitals))}), {Add(small)}) > 0";
    }

    /// <summary>What rows are ordered by, as a whole number; by name all have the same.</summary>
    private static string ValueOf(StatsSort sort) => sort switch
    {
        StatsSort.Cost => "cost_nanos",
        StatsSort.Calls => "calls",
        StatsSort.Errors => "errors",
        StatsSort.InputTokens => "input_tokens",
        StatsSort.OutputTokens => "output_tokens",

        // Microseconds; below all others where no call says how long it took.
        StatsSort.Latency => $"(CASE WHEN {Measured} = 0 THEN -1 ELSE latency_ms_sum * 1000 / {Measured} END)",
        StatsSort.Name => "0::bigint",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, null),
    };
}
