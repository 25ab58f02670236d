using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Clerk;
using LlmObserve.Api.Http;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Api.Users.Links;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmObserve.Api.Users;

/// <summary>Proofs of addresses, and passwords that are forgotten or changed. docs/sign-in.md says how often and how long.</summary>
internal static class PasswordsFeature
{
    private static readonly MailOnItsWay s_mailed = new("accepted", "If somebody has signed up with this address, a mail with a link is on its way.");

    private static readonly Problem s_verified = Problems.Conflict("already-verified", "Your address is confirmed already.");

    public static IServiceCollection AddPasswords(this IServiceCollection services, ApiOptions options)
    {
        services.TryAddSingleton<IPasswordHasher<object>, PasswordHasher<object>>();
        return services.AddSingleton<Passwords>().AddSingleton<PasswordProof>().AddSingleton<PasswordChanges>().AddSingleton<SignInMetrics>()
            .AddSingleton(provider => new SignInGuard(provider.GetRequiredService<GrainCalls>(), options.SignIn))
            .AddSingleton<LinkMails>().AddHostedService(provider => provider.GetRequiredService<LinkMails>()).AddJson(PasswordsJson.Default);
    }

    public static void MapPasswords(this IEndpointRouteBuilder app)
    {
        var auth = app.MapGroup("/auth").WithTags("Users");
        auth.MapPost("/verify", VerifyAsync).Accept(CallerRule.Anyone).Accepts<LinkBody>("application/json")
            .WithSummary("Proves an address with the token of a mailed link, which is good once.");
        auth.MapPost("/verify/resend", ResendAsync).Accept(CallerRule.Session).WithSummary("Mails the link that proves the user's address once more.");
        auth.MapPost("/password/forgot", ForgotAsync).Accept(CallerRule.Anyone).ForPasswords().Accepts<ForgotBody>("application/json")
            .WithSummary("Mails a link that sets a new password. The answer is the same for addresses of nobody.");
        auth.MapPost("/password/reset", ResetAsync).Accept(CallerRule.Anyone).ForPasswords().Accepts<ResetBody>("application/json")
            .WithSummary("Sets a new password with the token of a mailed link, which is good once. All sessions of the user end.");
        auth.MapPost("/password/change", ChangeAsync).Accept(CallerRule.Session).ForPasswords().Accepts<ChangePasswordBody>("application/json")
            .WithSummary("Sets a new password. All other sessions of the user end.");
    }

    private static async Task<Results<NoContent, Problem>> VerifyAsync(HttpContext context, PasswordChanges changes)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var token = fields.RequiredText("token", LinkToken.MaxLength);
        return Answer(fields.Invalid ?? await changes.VerifyAsync(token, context));
    }

    private static async Task<Results<Accepted<MailOnItsWay>, Problem>> ResendAsync(
        HttpContext context, Caller caller, UsersStore users, SignInGuard guard, LinkMails links)
    {
        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is not { } user)
        {
            return Refusals.EndedSession;
        }

        if (user.EmailVerifiedAt is not null || user.Email is not { } email)
        {
            return s_verified;
        }

        if ((await guard.MailAsync(context) ?? await guard.MailToAsync("verify", email)) is { } refusal)
        {
            return refusal;
        }

        links.AskToVerify(user.Id);
        return Accepted();
    }

    private static async Task<Results<Accepted<MailOnItsWay>, Problem>> ForgotAsync(HttpContext context, SignInGuard guard, LinkMails links)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var typed = fields.RequiredText("email", EmailAddress.MaxLength);
        var faults = new List<Fault>();
        var email = typed.Length == 0 ? null : EmailAddress.Normalize("email", typed, faults);
        faults.ForEach(fields.Add);
        if ((fields.Invalid ?? await guard.MailAsync(context)) is { } refusal)
        {
            return refusal;
        }

        links.AskToReset(email!);
        return Accepted();
    }

    private static async Task<Results<NoContent, Problem>> ResetAsync(HttpContext context, PasswordChanges changes)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var token = fields.RequiredText("token", LinkToken.MaxLength);
        var password = fields.RequiredText("password", Passwords.MaxLength);
        Passwords.Judge(fields, "password", password, email: "");
        return Answer(fields.Invalid ?? await changes.ResetAsync(token, password, context));
    }

    private static async Task<Results<NoContent, Problem>> ChangeAsync(HttpContext context, Caller caller, PasswordChanges changes)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var current = fields.RequiredText("current_password", Passwords.MaxLength);
        var password = fields.RequiredText("new_password", Passwords.MaxLength);
        Passwords.Judge(fields, "new_password", password, caller.Name ?? "");
        return Answer(fields.Invalid ?? await changes.ChangeAsync(caller, current, password, context));
    }

    private static Results<NoContent, Problem> Answer(Problem? problem) => problem is null ? TypedResults.NoContent() : problem;

    private static Accepted<MailOnItsWay> Accepted() => TypedResults.Accepted((string?)null, s_mailed);
}

/// <summary>What <c>POST /auth/verify</c> takes.</summary>
internal sealed record LinkBody(string Token);

/// <summary>What <c>POST /auth/password/forgot</c> takes.</summary>
internal sealed record ForgotBody(string Email);

/// <summary>What <c>POST /auth/password/reset</c> takes.</summary>
internal sealed record ResetBody(string Token, string Password);

/// <summary>What <c>POST /auth/password/change</c> takes.</summary>
internal sealed record ChangePasswordBody(string CurrentPassword, string NewPassword);

/// <summary>A mail is sent, or would be.</summary>
internal sealed record MailOnItsWay(string Status, string Message);

[JsonSerializable(typeof(MailOnItsWay))]
internal sealed partial class PasswordsJson : JsonSerializerContext;
