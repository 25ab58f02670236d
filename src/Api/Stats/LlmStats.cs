using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>The LLM calls to one model of one provider.</summary>
internal sealed record LlmAnswer : ShareAnswer
{
    public LlmAnswer(StatsCallsRow row, Usd all)
        : base(row.Figures, all) =>
        (Provider, Model, CostPer1kCalls) = (row.Provider, row.Name.Length == 0 ? null : row.Name, LlmTotalsAnswer.CostPer1k(row.Figures));

    public string Provider { get; }

    /// <summary>Canonical; null for calls without a model.</summary>
    public string? Model { get; }

    /// <summary>US dollars.</summary>
    [JsonPropertyName("cost_per_1k_calls")]
    public Usd CostPer1kCalls { get; }
}

/// <summary>All LLM calls, also those on other pages.</summary>
internal sealed record LlmTotalsAnswer : FiguresAnswer
{
    public LlmTotalsAnswer(StatsFigures totals)
        : base(totals) => CostPer1kCalls = CostPer1k(totals);

    /// <summary>US dollars.</summary>
    [JsonPropertyName("cost_per_1k_calls")]
    public Usd CostPer1kCalls { get; }

    /// <summary>To the nano-dollar, half to even; 0 of no calls.</summary>
    public static Usd CostPer1k(StatsFigures figures) =>
        figures.Calls == 0 ? Usd.Zero : new Usd((long)decimal.Round(figures.Cost.Nanos * 1000m / figures.Calls, MidpointRounding.ToEven));
}

/// <summary>One page of models, and the figures of all.</summary>
/// <param name="Items">The rows.</param>
/// <param name="NextCursor">Send it as <c>cursor</c>, with the same filters, for the next page; null on the last.</param>
/// <param name="Window">What the figures cover.</param>
/// <param name="Totals">Of all rows together.</param>
internal sealed record LlmsAnswer(IReadOnlyList<LlmAnswer> Items, string? NextCursor, WindowAnswer Window, LlmTotalsAnswer Totals);

/// <summary>Reads LLM calls.</summary>
internal sealed partial class StatsEndpoints
{
    private static readonly CallListShape<LlmAnswer> s_llms = new(
        StatsKind.Llm,
        StatsCallsGroup.Model,
        "llms",
        static (row, all) => new(row, all),
        new(["provider", "model", "percentage", "cost_per_1k_calls", .. StatsFiles.FigureColumns], static (line, row) =>
            line.Add(row.Provider).Add(row.Model).Add(row.Percentage).Add(row.CostPer1kCalls).Add(row)));

    public async Task<Results<Ok<LlmsAnswer>, ListFile<LlmAnswer>, Problem>> LlmsAsync(Caller caller, HttpContext context)
    {
        var (list, file, problem) = await ListCallsAsync(caller, context, s_llms);
        if (list is null)
        {
            return file is null ? problem! : file;
        }

        return TypedResults.Ok(new LlmsAnswer(
            [.. list.Page.Rows.Select(row => s_llms.ToAnswer(row, list.Page.Totals.Figures.Cost))],
            list.Cursor,
            new WindowAnswer(list.Window),
            new LlmTotalsAnswer(list.Page.Totals.Figures)));
    }
}
