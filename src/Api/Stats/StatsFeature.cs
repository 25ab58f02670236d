using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>Money, calls, tokens, errors and latency of the caller's account, over windows of time.</summary>
internal static class StatsFeature
{
    public static IServiceCollection AddStats(this IServiceCollection services)
    {
        services.AddSingleton<StatsEndpoints>();
        return services.AddJson(StatsJson.Default);
    }

    public static void MapStats(this IEndpointRouteBuilder app)
    {
        var stats = app.MapGroup("/stats").Accept(CallerRule.SessionOrKey(ApiScope.Read)).WithTags("Stats");
        stats.MapGet("/overview", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.OverviewAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters])
            .WithSummary("What the account spends, at a glance, and how that compares with the stretch before.");
        stats.MapGet("/periods", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.PeriodsAsync(caller, context))
            .WithQuery([.. StatsDescription.Filters])
            .WithSummary("Today, this week and this month so far, and how that compares with the ones before up to the same time.");
        stats.MapGet("/timeseries", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.TimeSeriesAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. TimeSeriesRequest.Parameters])
            .WithSummary("Cost, calls and errors by hour or by day, of everything or of the dearest names.");
        stats.MapGet("/by-provider", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ByProviderAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures by provider, the dearest first unless sort says otherwise.");
        stats.MapGet("/by-model", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ByModelAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures by canonical model, the dearest first unless sort says otherwise.");
        stats.MapGet("/by-agent", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ByAgentAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures by agent, the dearest first unless sort says otherwise.");
        stats.MapGet("/by-customer", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ByCustomerAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures by the account's own customer, the dearest first unless sort says otherwise.");
        stats.MapGet("/llms", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.LlmsAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures of LLM calls by provider and model, the dearest first unless sort says otherwise, and of all of them.");
        stats.MapGet("/infrastructure", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.InfrastructureAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.Filters, .. ListWords.Parameters, .. StatsDescription.Page(StatsRequest.DefaultLimit, StatsStore.MaxRows)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("Figures of calls to vector databases and APIs by provider, the dearest first unless sort says otherwise, and of all of them.");
        stats.MapGet("/by-section", (StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.BySectionAsync(caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.SectionFilters])
            .WithSummary("Figures by section path over whole days, the dearest first.");
        stats.MapGet("/section/{section}", (string section, StatsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.SectionAsync(section, caller, context))
            .WithQuery([.. StatsDescription.Window, .. StatsDescription.SectionFilters])
            .WithSummary("Figures of one section and of what lies below it, over whole days. Escape the path: a slash is %2F.");
    }
}
