using LlmObserve.Api.Http;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>Figures as files to keep.</summary>
internal static class StatsFiles
{
    /// <summary>Rows of a file at most: what a spreadsheet still opens, and twenty reads of the rollups.</summary>
    public const int MaxRows = 100_000;

    public static readonly string[] FigureColumns =
        ["total_cost", "call_count", "input_tokens", "output_tokens", "cached_tokens", "errors", "unpriced_count", "avg_latency_ms", "p50_ms", "p95_ms"];

    /// <summary>The columns of rows that are a part of a whole.</summary>
    public static FileColumns<T> Shares<T>(string column, Func<T, string?> name)
        where T : ShareAnswer =>
        new([column, "percentage", .. FigureColumns], (line, row) => line.Add(name(row)).Add(row.Percentage).Add(row));

    public static CsvLine Add(this CsvLine line, FiguresAnswer figures) => line
        .Add(figures.TotalCost)
        .Add(figures.CallCount)
        .Add(figures.InputTokens)
        .Add(figures.OutputTokens)
        .Add(figures.CachedTokens)
        .Add(figures.Errors)
        .Add(figures.UnpricedCount)
        .Add(figures.AvgLatencyMs)
        .Add(figures.P50Ms)
        .Add(figures.P95Ms);

    /// <summary>What a file holds and from when until when, in dates of the account's zone: <c>customers-2026-11-01-2026-11-21</c>.</summary>
    public static string Name(string what, StatsWindow window, AccountZone zone, DateTimeOffset now)
    {
        var last = (window.To < now ? window.To : now).AddTicks(-1);
        return $"{what}-{zone.DateOf(window.From):yyyy-MM-dd}-{zone.DateOf(last):yyyy-MM-dd}";
    }
}
