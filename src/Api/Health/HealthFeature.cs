using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Health;

/// <summary>Whether the server lives, and whether it can do its work.</summary>
internal static class HealthFeature
{
    private static readonly HealthAnswer Ok = new("ok");

    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddJson(HealthJson.Default);

    public static void MapHealth(this IEndpointRouteBuilder app) =>
        app.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], Live).Accept(CallerRule.Anyone);

    /// <summary>The process answers.</summary>
    private static Ok<HealthAnswer> Live() => TypedResults.Ok(Ok);
}

/// <summary><c>{"status":"ok"}</c></summary>
internal sealed record HealthAnswer(string Status);

[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
