using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Clerk;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Sessions;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Sessions;

/// <summary>Sessions: refreshing, switching accounts, listing and ending them. docs/sign-in.md says how long what lives.</summary>
internal static class SessionsFeature
{
    /// <summary>As long as an id is written with separators.</summary>
    private const int MaxIdLength = 36;

    public static IServiceCollection AddSessions(this IServiceCollection services, ApiOptions options) => services
        .AddSingleton(_ => new RefreshTokens(options.SessionSecret.Span)).AddSingleton<OpenSessions>().AddSingleton<SessionRefresh>()
        .AddJson(SessionsJson.Default);

    public static void MapSessions(this IEndpointRouteBuilder app)
    {
        var auth = app.MapGroup("/auth").WithTags("Sessions").Accept(CallerRule.Session);
        auth.MapPost("/refresh", RefreshAsync).Accept(CallerRule.Anyone).ForPasswords().Accepts<RefreshBody>("application/json")
            .WithSummary("The next session token and refresh token, for a refresh token, which is good once.");
        auth.MapPost("/switch", SwitchAsync).Accepts<SwitchBody>("application/json").WithSummary("A session token for another account of the same user.");
        auth.MapPost("/logout", LogoutAsync).WithSummary("Ends this session, at once.");
        auth.MapPost("/logout-everywhere", LogoutEverywhereAsync).Accepts<LogoutEverywhereBody>("application/json")
            .WithSummary("Ends all sessions of the user, at once; but this one with keep_current.");
        auth.MapGet("/sessions", ListAsync).WithSummary("Where the user is signed in, newest first.");
        auth.MapDelete("/sessions/{id}", EndAsync).WithSummary("Ends a session of the user, at once.");
    }

    private static async Task<Results<Ok<SessionPair>, Problem>> RefreshAsync(HttpContext context, SessionRefresh refresh)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var token = fields.RequiredText("refresh_token", RefreshTokens.MaxLength);
        var account = fields.OptionalText("tenant_id", MaxIdLength);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var (done, refusal) = await refresh.RunAsync(token, account is null ? null : AccountOf(account), context);
        return done is not null ? TypedResults.Ok(done) : refusal!;
    }

    private static async Task<Results<Ok<SwitchedSession>, Problem>> SwitchAsync(
        HttpContext context, Caller caller, SessionsStore store, UsersStore users, OpenSessions sessions)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var account = AccountOf(fields.RequiredText("tenant_id", MaxIdLength));
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        if (caller.Session is not { } id)
        {
            return SessionProblems.KeptElsewhere;
        }

        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is not { } user
            || await store.FindAsync(id, context.RequestAborted) is not { } session)
        {
            return Refusals.EndedSession;
        }

        if (!OpenSessions.IsMember(user, account))
        {
            return SessionProblems.NoSuchAccount;
        }

        if (!await store.SwitchAsync(id, account, context.RequestAborted))
        {
            return Refusals.EndedSession;
        }

        var (token, expiresAt) = sessions.TokenOf(new SessionClaims(user.Id, account, id), session.ExpiresAt);
        return TypedResults.Ok(new SwitchedSession(token, expiresAt));
    }

    private static async Task<Results<NoContent, Problem>> LogoutAsync(HttpContext context, Caller caller, UsersStore users, OpenSessions sessions)
    {
        if (caller.Session is not { } id)
        {
            return SessionProblems.KeptElsewhere;
        }

        // One that ended meanwhile has ended, which is what was asked for.
        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is { } user)
        {
            await sessions.EndAsync(user, id, context.Actor(), reason: null, context.RequestAborted);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> LogoutEverywhereAsync(
        HttpContext context, Caller caller, UsersStore users, OpenSessions sessions)
    {
        if (!(await JsonFields.ReadOptionalAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var keepsCurrent = fields.Flag("keep_current") ?? false;
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is { } user)
        {
            await sessions.EndAllAsync(user, keepsCurrent ? caller.Session : null, context.Actor(), context.RequestAborted);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Ok<SessionItem[]>> ListAsync(
        Caller caller, SessionsStore store, OpenSessions sessions, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(caller.User!.Value, cancellationToken);
        return TypedResults.Ok(rows.Where(row => !sessions.IsOver(row)).Select(row => SessionItem.FromRow(row, caller.Session)).ToArray());
    }

    private static async Task<Results<NoContent, Problem>> EndAsync(
        string id, HttpContext context, Caller caller, UsersStore users, OpenSessions sessions)
    {
        var ended = Guid.TryParse(id, out var session)
            && await users.FindAsync(caller.User!.Value, context.RequestAborted) is { } user
            && await sessions.EndAsync(user, session, context.Actor(), reason: null, context.RequestAborted);
        return ended ? TypedResults.NoContent() : SessionProblems.NoSuchSession;
    }

    /// <summary>What is no id is nobody's.</summary>
    private static AccountId AccountOf(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);
}

/// <summary>What <c>POST /auth/refresh</c> takes.</summary>
internal sealed record RefreshBody(string RefreshToken, string? TenantId);

/// <summary>What <c>POST /auth/switch</c> takes.</summary>
internal sealed record SwitchBody(string TenantId);

/// <summary>What <c>POST /auth/logout-everywhere</c> takes.</summary>
internal sealed record LogoutEverywhereBody(bool? KeepCurrent);

/// <summary>The same session with another account.</summary>
internal sealed record SwitchedSession(string Token, DateTimeOffset ExpiresAt);

/// <summary>Where a user is signed in.</summary>
internal sealed record SessionItem(
    string Id, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt, string? Ip, string? UserAgent, bool IsCurrent)
{
    public static SessionItem FromRow(SessionRow row, Guid? current) =>
        new(row.Id.ToString("N"), row.CreatedAt, row.RefreshedAt, row.ExpiresAt, row.Ip, row.UserAgent, row.Id == current);
}

[JsonSerializable(typeof(SessionPair))]
[JsonSerializable(typeof(SwitchedSession))]
[JsonSerializable(typeof(SessionItem[]))]
internal sealed partial class SessionsJson : JsonSerializerContext;
