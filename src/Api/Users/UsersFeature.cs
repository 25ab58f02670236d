using System.Text.Json;
using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Clerk;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Sessions;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Users;

/// <summary>People: signing up, signing in, and who one is.</summary>
internal static class UsersFeature
{
    public static IServiceCollection AddUsers(this IServiceCollection services) =>
        services.AddSingleton<SignUp>().AddSingleton<SignIn>().AddJson(UsersJson.Default);

    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/auth").WithTags("Users");
        users.MapPost("/signup", SignUpAsync).Accept(CallerRule.Anyone).ForPasswords().Accepts<SignUpBody>("application/json")
            .WithSummary("Makes a user with an account and a first key, whose text is shown this once.");
        users.MapPatch("/me", UpdateMeAsync).Accept(CallerRule.Session).Accepts<UpdateMeBody>("application/json")
            .WithSummary("Changes what the user says of themselves. What is left out stays; a name of null takes it away.");
        users.MapPost("/login", SignInAsync).Accept(CallerRule.Anyone).ForPasswords().Accepts<SignInBody>("application/json").WithSummary("A session token for an address and its password.");
        users.MapGet("/me", MeAsync).Accept(CallerRule.Session).WithSummary("The signed-in user, and the account's keys.");
    }

    private static async Task<Results<Ok<SignedUp>, Problem>> SignUpAsync(HttpContext context, SignUp signUp)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var person = SignUpForm.Read(fields);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var (signedUp, refusal) = await signUp.RunAsync(person, context);
        return signedUp is not null ? TypedResults.Ok(signedUp) : refusal!;
    }

    private static async Task<Results<Ok<SignedIn>, Problem>> SignInAsync(HttpContext context, SignIn signIn)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var email = fields.RequiredText("email", EmailAddress.MaxLength);
        var password = fields.RequiredText("password", Passwords.MaxLength);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var (signedIn, refusal) = await signIn.RunAsync(email, password, context);
        return signedIn is not null ? TypedResults.Ok(signedIn) : refusal!;
    }

    private static async Task<Results<Ok<UserItem>, Problem>> UpdateMeAsync(
        HttpContext context, Caller caller, UsersStore users, OpenSessions sessions, TimeProvider time)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var name = fields.OptionalText("name", SignUpForm.MaxNameLength)?.Trim();
        var userType = fields.OptionalText("user_type", SignUpForm.MaxUserTypeLength)?.Trim();
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is not { } user)
        {
            return Refusals.EndedSession;
        }

        var changed = user with
        {
            Name = !fields.Has("name") ? user.Name : string.IsNullOrEmpty(name) ? null : name,
            UserType = string.IsNullOrEmpty(userType) ? user.UserType : userType,
        };
        if (changed == user)
        {
            return TypedResults.Ok(UserItem.FromRow(user));
        }

        var audit = new AuditEntry(
            user.PersonalAccount, time.GetUtcNow(), context.Actor(), AuditActions.UserUpdated, new AuditObject("user", user.Id.ToString(), user.Email))
        {
            Before = ProfileOf(user),
            After = ProfileOf(changed),
        };
        if (!await users.UpdateProfileAsync(user.Id, changed.Name, changed.UserType, audit, context.RequestAborted))
        {
            return Refusals.EndedSession;
        }

        await sessions.TellAsync(user.Id);
        return TypedResults.Ok(UserItem.FromRow(changed));
    }

    private static string ProfileOf(UserRow user) => JsonSerializer.Serialize(new ProfileChange(user.Name, user.UserType), ProfileJson.Default.ProfileChange);

    private static async Task<Results<Ok<Me>, Problem>> MeAsync(
        Caller caller, UsersStore users, AccountKeys keys, UnseenKeysStore unseen, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(caller.User!.Value, cancellationToken) is not { } user)
        {
            return Refusals.InvalidSession;
        }

        var items = await keys.ListAsync(caller, cancellationToken);
        var hasUnseenKey = await unseen.HasAsync(caller.Account, user.Id, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(new Me(UserItem.FromRow(user), items, hasUnseenKey));
    }
}

/// <summary>A user on the wire.</summary>
internal sealed record UserItem(
    string Id, string? Email, string? Name, string UserType, DateTimeOffset CreatedAt, string SubscriptionTier, bool EmailVerified)
{
    public static UserItem FromRow(UserRow row) =>
        new(row.Id.ToString(), row.Email, row.Name, row.UserType, row.CreatedAt, row.SubscriptionTier, row.EmailVerifiedAt is not null);
}

/// <summary>What <c>PATCH /auth/me</c> takes.</summary>
internal sealed record UpdateMeBody(string? Name, string? UserType);

/// <summary>What of a user the audit log tells when it changes.</summary>
internal sealed record ProfileChange(string? Name, string UserType);

/// <summary>What <c>POST /auth/signup</c> takes.</summary>
internal sealed record SignUpBody(string Email, string Password, string? Name, string? UserType);

/// <summary>What <c>POST /auth/login</c> takes.</summary>
internal sealed record SignInBody(string Email, string Password);

internal sealed record SignedUp(string Token, UserItem User, CreatedKey ApiKey, string RefreshToken, DateTimeOffset ExpiresAt);

internal sealed record SignedIn(string Token, UserItem User, string RefreshToken, DateTimeOffset ExpiresAt)
{
    public static SignedIn Of(SessionPair pair, UserItem user) => new(pair.Token, user, pair.RefreshToken, pair.ExpiresAt);
}

/// <summary>Who is signed in, and the keys of the account that the session opens.</summary>
/// <param name="User">Who.</param>
/// <param name="ApiKeys">Without their texts; none for a viewer.</param>
/// <param name="HasUnseenKey">POST /auth/unseen-key would show a key that was made while the user was away.</param>
internal sealed record Me(UserItem User, KeyItem[] ApiKeys, bool HasUnseenKey);

[JsonSerializable(typeof(SignedUp))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(UserItem))]
internal sealed partial class UsersJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProfileChange))]
internal sealed partial class ProfileJson : JsonSerializerContext;
