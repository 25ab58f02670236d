using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Health;

/// <summary>Whether the server lives, and whether it can do its work.</summary>
internal static class HealthFeature
{
    private static readonly HealthAnswer Ok = new("ok");

    public static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddSingleton<Readiness>().AddJson(HealthJson.Default);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Health").Accept(CallerRule.Anyone);
        health.MapMethods("", [HttpMethods.Get, HttpMethods.Head], Live).WithSummary("Whether the process answers.");
        health.MapGet("/ready", ReadyAsync).WithSummary("Whether the database and the grains answer too.");
    }

    /// <summary>The process answers.</summary>
    private static Ok<HealthAnswer> Live() => TypedResults.Ok(Ok);

    /// <summary>The database and the grains answer too.</summary>
    private static async Task<Results<Ok<HealthAnswer>, Problem>> ReadyAsync(Readiness readiness) =>
        await readiness.IsReadyAsync() ? TypedResults.Ok(Ok) : Problems.Unavailable("The database or the grains do not answer.");
}

/// <summary><c>{"status":"ok"}</c></summary>
internal sealed record HealthAnswer(string Status);

[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
