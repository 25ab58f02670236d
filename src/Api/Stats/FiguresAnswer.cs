using LlmObserve.Domain.Money;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>Figures of some calls. Latencies are of the calls that say theirs; null where none does.</summary>
internal record FiguresAnswer
{
    /// <summary>Tenths of a millisecond: more is noise on a page.</summary>
    private const int MillisecondDecimals = 1;

    public FiguresAnswer(StatsFigures totals)
    {
        TotalCost = totals.Cost;
        CallCount = totals.Calls;
        InputTokens = totals.InputTokens;
        OutputTokens = totals.OutputTokens;
        CachedTokens = totals.CachedTokens;
        Errors = totals.Errors;
        UnpricedCount = totals.Unpriced;
        AvgLatencyMs = Average(totals.LatencyMs, totals.Latencies.Sum());
        P50Ms = LatencyEstimate.PercentileMs(totals.Latencies.AsSpan(), 50);
        P95Ms = LatencyEstimate.PercentileMs(totals.Latencies.AsSpan(), 95);
    }

    public FiguresAnswer(RunFigures figures)
    {
        TotalCost = figures.Cost;
        CallCount = figures.Calls;
        InputTokens = figures.InputTokens;
        OutputTokens = figures.OutputTokens;
        CachedTokens = figures.CachedTokens;
        Errors = figures.Errors;
        UnpricedCount = figures.Unpriced;
        AvgLatencyMs = Average(figures.LatencyMs, figures.Measured);
        P50Ms = figures.P50Ms;
        P95Ms = figures.P95Ms;
    }

    /// <summary>US dollars.</summary>
    public Usd TotalCost { get; }

    /// <summary>Calls, also those that failed.</summary>
    public long CallCount { get; }

    /// <summary>Without cached tokens.</summary>
    public long InputTokens { get; }

    public long OutputTokens { get; }

    /// <summary>Input tokens that were read from a cache.</summary>
    public long CachedTokens { get; }

    /// <summary>Calls that did not end well.</summary>
    public long Errors { get; }

    /// <summary>Calls whose cost is what the client said, because no price is known.</summary>
    public long UnpricedCount { get; }

    /// <summary>Milliseconds.</summary>
    public decimal? AvgLatencyMs { get; }

    /// <summary>Milliseconds. In figures of a window an estimate, interpolated within a bucket of a histogram; in those of a run exact.</summary>
    public long? P50Ms { get; }

    /// <summary>Milliseconds. In figures of a window an estimate, interpolated within a bucket of a histogram; in those of a run exact.</summary>
    public long? P95Ms { get; }

    private static decimal? Average(long sum, long calls) => calls == 0 ? null : decimal.Round((decimal)sum / calls, MillisecondDecimals);
}

/// <summary>Figures that are a part of a whole.</summary>
internal record ShareAnswer : FiguresAnswer
{
    public ShareAnswer(StatsFigures totals, Usd all)
        : base(totals) => Percentage = Percent.Of(totals.Cost, all);

    public ShareAnswer(RunFigures figures, Usd all)
        : base(figures) => Percentage = Percent.Of(figures.Cost, all);

    /// <summary>Of the cost of all rows together, also of those on other pages: 25 is a quarter.</summary>
    public decimal Percentage { get; }
}
