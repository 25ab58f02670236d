using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Api.Stats;
using LlmObserve.Storage.Runs;

namespace LlmObserve.Api.Runs;

/// <summary>What one request of the user's program cost, call by call.</summary>
internal static class RunsFeature
{
    /// <summary>Without a window, the latest that there are.</summary>
    private static IEnumerable<QueryParameter> Window => StatsDescription.Window.Select(parameter => parameter with { Default = null });

    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunsEndpoints>();
        return services.AddJson(RunsJson.Default);
    }

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/runs").Accept(CallerRule.SessionOrKey(ApiScope.Read)).WithTags("Runs");
        runs.MapGet("/latest", (RunsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.LatestAsync(caller, context))
            .WithQuery([.. Window, .. StatsDescription.Filters, ListWords.Format, .. StatsDescription.Page(RunsEndpoints.DefaultLimit, RunsStore.MaxRuns)])
            .WithContent(CsvLine.ContentType)
            .WithSummary("The latest runs with their figures, the newest first.");
        runs.MapGet("/{run_id}", (string run_id, RunsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.GetAsync(caller, context))
            .WithSummary("One run: its figures, what they consist of, and its calls as a tree.");
    }
}
