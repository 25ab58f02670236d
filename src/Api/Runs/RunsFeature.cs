using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;

namespace LlmObserve.Api.Runs;

/// <summary>What one request of the user's program cost, call by call.</summary>
internal static class RunsFeature
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunsEndpoints>();
        return services.AddJson(RunsJson.Default);
    }

    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/runs").Accept(CallerRule.SessionOrKey(ApiScope.Read)).WithTags("Runs");
        runs.MapGet("/latest", (RunsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.LatestAsync(caller, context))
            .WithSummary("The latest runs with their figures, the newest first.");
        runs.MapGet("/{run_id}", (string run_id, RunsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.GetAsync(caller, context))
            .WithSummary("One run: its figures, what they consist of, and its calls as a tree.");
    }
}
