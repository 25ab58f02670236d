using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Sessions;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Users;

/// <summary>People: signing up, signing in, and who one is.</summary>
internal static class UsersFeature
{
    public static IServiceCollection AddUsers(this IServiceCollection services) =>
        services.AddSingleton<Passwords>().AddSingleton<SignUp>().AddSingleton<SignIn>().AddJson(UsersJson.Default);

    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/auth").WithTags("Users");
        users.MapPost("/signup", SignUpAsync).Accept(CallerRule.Anyone).Accepts<SignUpBody>("application/json")
            .WithSummary("Makes a user with an account and a first key, whose text is shown this once.");
        users.MapPost("/login", SignInAsync).Accept(CallerRule.Anyone).Accepts<SignInBody>("application/json").WithSummary("A session token for an address and its password.");
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

    private static async Task<Results<Ok<Me>, Problem>> MeAsync(
        Caller caller, UsersStore users, AccountKeys keys, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(caller.User!.Value, cancellationToken) is not { } user)
        {
            return Refusals.InvalidSession;
        }

        var rows = await keys.ListAsync(caller.Account, cancellationToken);
        return TypedResults.Ok(new Me(UserItem.FromRow(user), [.. rows.Select(KeyItem.FromRow)]));
    }
}

/// <summary>A user on the wire.</summary>
internal sealed record UserItem(string Id, string? Email, string? Name, string UserType, DateTimeOffset CreatedAt, string SubscriptionTier)
{
    public static UserItem FromRow(UserRow row) =>
        new(row.Id.ToString(), row.Email, row.Name, row.UserType, row.CreatedAt, row.SubscriptionTier);
}

/// <summary>What <c>POST /auth/signup</c> takes.</summary>
internal sealed record SignUpBody(string Email, string Password, string? Name, string? UserType);

/// <summary>What <c>POST /auth/login</c> takes.</summary>
internal sealed record SignInBody(string Email, string Password);

internal sealed record SignedUp(string Token, UserItem User, CreatedKey ApiKey, string RefreshToken, DateTimeOffset ExpiresAt);

internal sealed record SignedIn(string Token, UserItem User, string RefreshToken, DateTimeOffset ExpiresAt)
{
    public static SignedIn Of(SessionPair pair, UserItem user) => new(pair.Token, user, pair.RefreshToken, pair.ExpiresAt);
}

internal sealed record Me(UserItem User, KeyItem[] ApiKeys);

[JsonSerializable(typeof(SignedUp))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(Me))]
internal sealed partial class UsersJson : JsonSerializerContext;
