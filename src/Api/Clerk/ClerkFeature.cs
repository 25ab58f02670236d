using System.Text.Json;
using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.OpenApi;
using LlmObserve.Api.Users;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Clerk;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Clerk;

/// <summary>Users who sign in by Clerk: their tokens, what Clerk tells of them, and their keys. Off where no instance is configured.</summary>
internal static class ClerkFeature
{
    private static readonly Problem s_off = new(
        StatusCodes.Status404NotFound,
        "clerk-is-off",
        "Not found",
        $"This server does not sign users in by Clerk: {ClerkOptions.IssuerVariable} and the other variables of it are not set.");

    private static readonly Problem s_signsIn =
        Problems.Conflict("clerk-signs-in", "On this server users sign up and in by Clerk; there are no passwords here.");

    public static IServiceCollection AddClerk(this IServiceCollection services, ClerkOptions? options)
    {
        services.AddJson(ClerkJson.Default);
        return options is null ? services : services
            .AddSingleton(options)
            .AddSingleton(provider => new ClerkTokens(
                options, ClerkHttp.Create(JwksCache.MaxBytes), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()))
            .AddSingleton(provider => new ClerkPeople(
                options, ClerkHttp.Create(ClerkPeople.MaxBytes), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClerkPeople>>()))
            .AddSingleton(provider => new StandardWebhooks(options.WebhookSecrets, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<ClerkNews>()
            .AddSingleton<ClerkCallers>()
            .AddSingleton<ClerkWebhook>();
    }

    public static void MapClerk(this IEndpointRouteBuilder app)
    {
        app.MapPost("/webhooks/clerk", TakeAsync).WithTags("Clerk").Accept(CallerRule.Anyone)
            .WithBody<JsonElement>("As Clerk sends it, signed by the Standard Webhooks scheme.")
            .WithSummary("Takes Clerk's messages about users, organizations and memberships.");
        app.MapGet("/clerk/api-keys/me", MeAsync).WithTags("Clerk").Accept(CallerRule.Session)
            .WithSummary("As GET /auth/me, with the user's id at Clerk.");
    }

    /// <summary>Makes a route that is about passwords answer that there are none.</summary>
    public static T ForPasswords<T>(this T route)
        where T : IEndpointConventionBuilder => route.AddEndpointFilter<T>(async (call, next) =>
            call.HttpContext.RequestServices.GetService<ClerkOptions>() is null ? await next(call) : s_signsIn);

    private static async Task<Results<Ok<WebhookTaken>, Problem>> TakeAsync(HttpContext context, CancellationToken cancellationToken) =>
        context.RequestServices.GetService<ClerkWebhook>() is { } webhook ? await webhook.TakeAsync(context, cancellationToken) : s_off;

    private static async Task<Results<Ok<ClerkMe>, Problem>> MeAsync(
        Caller caller, UsersStore users, AccountKeys keys, ClerkStore clerk, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(caller.User!.Value, cancellationToken) is not { } user)
        {
            return Refusals.InvalidSession;
        }

        var rows = await keys.ListAsync(caller, cancellationToken);
        var id = await clerk.FindClerkUserAsync(user.Id, cancellationToken);
        return TypedResults.Ok(new ClerkMe(id, UserItem.FromRow(user), rows));
    }
}

/// <summary>The signed-in user with the account's keys.</summary>
/// <param name="ClerkUserId"><c>user_…</c>; null for a user who signed up here.</param>
internal sealed record ClerkMe(string? ClerkUserId, UserItem User, KeyItem[] ApiKeys);

[JsonSerializable(typeof(ClerkMe))]
[JsonSerializable(typeof(WebhookTaken))]
internal sealed partial class ClerkJson : JsonSerializerContext;
