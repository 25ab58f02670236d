using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Health;

/// <summary>Whether the server lives, and whether it can do its work.</summary>
internal static class HealthFeature
{
    private static readonly HealthAnswer Ok = new("ok");
    private static readonly RootAnswer s_root = new("LLMObserve API", "/openapi.json", "/health/ready");

    public static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddSingleton<Readiness>().AddJson(HealthJson.Default);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Health").Accept(CallerRule.Probe);
        health.MapMethods("", [HttpMethods.Get, HttpMethods.Head], Live).WithSummary("Whether the process answers.");
        app.MapGet("/", Root).WithTags("Health").Accept(CallerRule.Anyone).WithSummary("What this address is, for whoever opens it in a browser.");
        health.MapGet("/ready", ReadyAsync).WithSummary("Whether the database and the grains answer too.");
    }

    /// <summary>Where to look next.</summary>
    private static Ok<RootAnswer> Root() => TypedResults.Ok(s_root);

    /// <summary>The process answers.</summary>
    private static Ok<HealthAnswer> Live() => TypedResults.Ok(Ok);

    /// <summary>The database and the grains answer too.</summary>
    private static async Task<Results<Ok<HealthAnswer>, Problem>> ReadyAsync(Readiness readiness) =>
        await readiness.IsReadyAsync() ? TypedResults.Ok(Ok) : Problems.Unavailable("The database or the grains do not answer.", shed: null);
}

/// <summary><c>{"status":"ok"}</c></summary>
internal sealed record HealthAnswer(string Status);

/// <summary>What stands at the API's address itself.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Openapi">The path of the description of all routes.</param>
/// <param name="Health">The path that says whether it can work.</param>
internal sealed record RootAnswer(string Service, string Openapi, string Health);

[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(RootAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
