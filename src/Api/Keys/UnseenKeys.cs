using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Storage.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Keys;

/// <summary>The key that was made while its owner was away: shown once, within a day.</summary>
internal static class UnseenKeys
{
    public static void MapUnseenKeys(this IEndpointRouteBuilder app) => app.MapPost("/auth/unseen-key", TakeAsync).WithTags("Keys")
        .Accept(CallerRule.Session).WithSummary("The key that was made for the user when an identity provider announced them: shown this once.");

    private static async Task<Results<Ok<CreatedKey>, Problem>> TakeAsync(
        HttpContext context, Caller caller, UnseenKeysStore store, SealedTexts texts, TimeProvider time)
    {
        // Not given up half-way: once it is taken, nobody else can show it.
        var taken = await store.TakeAsync(caller.Account, caller.User!.Value, context.Actor(), time.GetUtcNow(), CancellationToken.None);
        context.Response.Headers.CacheControl = "no-store";
        return taken is var (key, text) && texts.Open(key.Id, text) is { } shown
            ? TypedResults.Ok(CreatedKey.Of(key, shown))
            : Problems.NotFound("No key waits to be shown: it has been shown, or a day has passed. Make a new one.");
    }
}
