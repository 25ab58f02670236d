using System.Collections.Immutable;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>The words of a query that find, order and save the rows of a list: <c>?q=acme&amp;sort=calls&amp;order=asc&amp;format=csv</c>.</summary>
internal static class ListWords
{
    private const string Ascending = "asc";

    private static readonly string[] s_orders = [Ascending, "desc"];

    private static readonly string[] s_formats = ["csv", "json"];

    /// <summary>In the order of <see cref="StatsSort"/>.</summary>
    private static readonly string[] s_sorts = ["cost", "calls", "errors", "input_tokens", "output_tokens", "latency", "name"];

    public static readonly QueryParameter Format = new(
        "format", "The whole list as a file to keep, instead of a page: as CSV, or as JSON with items and truncated. Not together with limit or cursor.", Words: s_formats);

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("q", "Only the rows whose name holds this, in capitals or not. Percentages stay of the cost of all."),
        new("sort", "What orders the rows: cost where it is left out. latency is the average.", Words: s_sorts),
        new("order", "desc, or asc for the least first; by name it is asc where it is left out.", Words: s_orders),
        Format,
    ];

    public static StatsOrder ReadOrder(IQueryCollection query, ICollection<Fault> faults)
    {
        var word = StatsRequest.ReadWord(query, "sort", s_sorts, faults);
        var sort = word is null ? StatsSort.Cost : (StatsSort)Array.IndexOf(s_sorts, word);
        var order = StatsRequest.ReadWord(query, "order", s_orders, faults);
        return new StatsOrder(sort, order is null ? sort == StatsSort.Name : order == Ascending);
    }

    public static string? ReadSearch(IQueryCollection query, ICollection<Fault> faults) =>
        StatsRequest.Text(query, "q") is { } text && TextFaults.Check("q", text, StatsRequest.MaxLabelLength, faults) ? text : null;

    /// <summary>Null for a page of the list.</summary>
    public static FileFormat? ReadFormat(IQueryCollection query, ICollection<Fault> faults)
    {
        if (StatsRequest.Text(query, Format.Name) is null)
        {
            return null;
        }

        foreach (var name in (string[])["limit", "cursor"])
        {
            if (StatsRequest.Text(query, name) is not null)
            {
                faults.Add(new Fault(name, FaultCodes.Conflict, $"{name} is of pages: with format the answer is the whole list."));
            }
        }

        return StatsRequest.ReadWord(query, Format.Name, s_formats, faults) switch
        {
            "csv" => FileFormat.Csv,
            "json" => FileFormat.Json,
            _ => null,
        };
    }
}
