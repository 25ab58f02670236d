using System.Collections.Immutable;
using LlmObserve.Api.OpenApi;

namespace LlmObserve.Api.Stats;

/// <summary>The query parameters that reads of figures share, for the API's description.</summary>
internal static class StatsDescription
{
    public static readonly ImmutableArray<QueryParameter> Window =
    [
        new("hours", "The last hours up to now.", Max: StatsRequest.MaxHours, Default: StatsRequest.DefaultHours),
        new("from", $"Instead of hours: the first instant of the window, at most {StatsRequest.MaxDays} days before to.", "date-time"),
        new("to", "The first instant after the window; now where it is left out.", "date-time"),
    ];

    public static readonly ImmutableArray<QueryParameter> Filters =
    [
        new("customer_id", "Only the calls for this customer."),
        new("provider", "Only the calls to this provider."),
        new("model", "Only the calls to this model, in any of its names."),
        new("agent", "Only the calls of this agent: its name, agent:NAME or a section path."),
    ];

    /// <summary>Sections are not kept by customer.</summary>
    public static readonly ImmutableArray<QueryParameter> SectionFilters = Filters.RemoveAll(filter => filter.Name == "customer_id");

    public static ImmutableArray<QueryParameter> Page(int limit, int max) =>
    [
        new("limit", "Rows on a page.", Max: max, Default: limit),
        new("cursor", "The next_cursor of the page before. The walk stays in the window of its first page."),
    ];
}
