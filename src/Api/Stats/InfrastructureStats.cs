using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>The calls to the vector database or to the APIs of one provider.</summary>
internal sealed record ServiceAnswer : ShareAnswer
{
    public ServiceAnswer(StatsCallsRow row, Usd all)
        : base(row.Figures, all) => (Provider, Type, Reads, Writes) = (row.Provider, row.Name, row.Reads, row.Writes);

    public string Provider { get; }

    /// <summary>vector_db or api.</summary>
    public string Type { get; }

    /// <summary>Calls to a vector database that read, as far as their endpoint says.</summary>
    public long Reads { get; }

    /// <summary>Calls to a vector database that write, as far as their endpoint says.</summary>
    public long Writes { get; }
}

/// <summary>All calls to vector databases and APIs, also those on other pages.</summary>
internal sealed record InfrastructureTotalsAnswer : FiguresAnswer
{
    public InfrastructureTotalsAnswer(StatsCallsRow totals)
        : base(totals.Figures) => (Reads, Writes, ApiCalls) = (totals.Reads, totals.Writes, totals.ApiCalls);

    /// <summary>Calls to vector databases that read.</summary>
    public long Reads { get; }

    /// <summary>Calls to vector databases that write.</summary>
    public long Writes { get; }

    /// <summary>Calls to APIs.</summary>
    public long ApiCalls { get; }
}

/// <summary>One page of services, and the figures of all.</summary>
/// <param name="Items">The rows.</param>
/// <param name="NextCursor">Send it as <c>cursor</c>, with the same filters, for the next page; null on the last.</param>
/// <param name="Window">What the figures cover.</param>
/// <param name="Totals">Of all rows together.</param>
internal sealed record InfrastructureAnswer(
    IReadOnlyList<ServiceAnswer> Items, string? NextCursor, WindowAnswer Window, InfrastructureTotalsAnswer Totals);

/// <summary>Reads calls to vector databases and APIs.</summary>
internal sealed partial class StatsEndpoints
{
    private static readonly CallListShape<ServiceAnswer> s_services = new(
        StatsKind.Infrastructure,
        StatsCallsGroup.Service,
        "infrastructure",
        static (row, all) => new(row, all),
        new(["provider", "type", "percentage", "reads", "writes", .. StatsFiles.FigureColumns], static (line, row) =>
            line.Add(row.Provider).Add(row.Type).Add(row.Percentage).Add(row.Reads).Add(row.Writes).Add(row)));

    public async Task<Results<Ok<InfrastructureAnswer>, ListFile<ServiceAnswer>, Problem>> InfrastructureAsync(Caller caller, HttpContext context)
    {
        var (list, file, problem) = await ListCallsAsync(caller, context, s_services);
        if (list is null)
        {
            return file is null ? problem! : file;
        }

        return TypedResults.Ok(new InfrastructureAnswer(
            [.. list.Page.Rows.Select(row => s_services.ToAnswer(row, list.Page.Totals.Figures.Cost))],
            list.Cursor,
            new WindowAnswer(list.Window),
            new InfrastructureTotalsAnswer(list.Page.Totals)));
    }
}
