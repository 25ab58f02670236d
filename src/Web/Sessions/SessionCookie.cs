using System.Globalization;
using System.Security.Claims;
using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Web.Sessions;

/// <summary>
/// The cookie that keeps a person signed in to the dashboard. It holds the API's tokens, encrypted by this server: no script reads it, no other
/// site sends it with a form, and the session ends where the API ends it.
/// </summary>
internal static class SessionCookie
{
    private const string Name = "llmobserve-session";

    private const string Either = "session";

    private const string AccessToken = "access_token";
    private const string RefreshToken = "refresh_token";
    private const string ExpiresAt = "expires_at";

    /// <summary>As long as a session lives that nobody uses; the API decides earlier.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromDays(30);

    /// <summary>A token is renewed before it runs out in the middle of a page.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(1);

    /// <summary>Adds it.</summary>
    /// <param name="services">The dashboard's.</param>
    /// <param name="clerkSignsIn">Whether people may come with a session of Clerk's instead.</param>
    public static IServiceCollection AddSessionCookie(this IServiceCollection services, bool clerkSignsIn)
    {
        var schemes = services.AddAuthentication(Either);
        schemes.AddPolicyScheme(Either, null, options =>
        {
            options.ForwardDefaultSelector = context =>
                clerkSignsIn && ClerkSession.IsIn(context.Request) ? ClerkSession.SchemeName : CookieAuthenticationDefaults.AuthenticationScheme;
            // Signing in and out here, and being sent to the page for it, are the cookie's own.
            options.ForwardSignIn = options.ForwardSignOut = options.ForwardChallenge = options.ForwardForbid = CookieAuthenticationDefaults.AuthenticationScheme;
        });
        schemes.AddScheme<AuthenticationSchemeOptions, ClerkSession>(ClerkSession.SchemeName, null);
        schemes.AddCookie(options =>
        {
            options.Cookie.Name = Name;
            options.Cookie.HttpOnly = true;
            // Lax, not Strict: a link in a mail must find the person signed in. Forms carry an antiforgery token besides.
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Cookie.Path = "/";
            options.ExpireTimeSpan = s_life;
            options.SlidingExpiration = true;
            options.LoginPath = "/sign-in";
            options.ReturnUrlParameter = "return";
            options.Events.OnValidatePrincipal = RenewAsync;
            var signIn = options.Events.OnRedirectToLogin;
            options.Events.OnRedirectToLogin = context =>
            {
                // Who comes for the first time sees what this is before a form.
                context.RedirectUri = context.Request.Path == "/" ? "/welcome" : context.RedirectUri;
                return signIn(context);
            };
        });
        services.AddSingleton<IAntiforgeryAdditionalDataProvider, AccountForms>();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "llmobserve-antiforgery";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        return services;
    }

    /// <summary>The person's token for the API, or null.</summary>
    public static string? Token(HttpContext context) => context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true } known
        ? known.Properties?.GetTokenValue(AccessToken)
        : null;

    public static Task SignInAsync(HttpContext context, SignedInAnswer signedIn)
    {
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, signedIn.User.Id), new Claim(ClaimTypes.Name, signedIn.User.Email ?? signedIn.User.Name ?? "")],
            CookieAuthenticationDefaults.AuthenticationScheme);
        var properties = new AuthenticationProperties { IsPersistent = true };
        Store(properties, new RefreshedAnswer(signedIn.Token, signedIn.RefreshToken, signedIn.ExpiresAt));
        return context.SignInAsync(new ClaimsPrincipal(identity), properties);
    }

    /// <summary>Goes on with a token for another account of the same session.</summary>
    public static async Task SwitchAsync(HttpContext context, SwitchedAnswer switched)
    {
        if (await context.AuthenticateAsync() is { Succeeded: true } known && known.Properties.GetTokenValue(RefreshToken) is { } refresh)
        {
            Store(known.Properties, new RefreshedAnswer(switched.Token, refresh, switched.ExpiresAt));
            await context.SignInAsync(known.Principal, known.Properties);
        }
    }

    /// <summary>
    /// Goes on with the next token of the session where the person is in its account no more: the API chooses another account of theirs. False where
    /// it has none, and where somebody else keeps the session.
    /// </summary>
    public static async Task<bool> ReopenAsync(HttpContext context, ApiClient api)
    {
        if (await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme) is not { Succeeded: true } known
            || known.Properties.GetTokenValue(RefreshToken) is not { } refresh
            || (await api.PostAsync<RefreshedAnswer>("/auth/refresh", new { refresh_token = refresh })).Value is not { } next)
        {
            return false;
        }

        Store(known.Properties, next);
        await context.SignInAsync(known.Principal, known.Properties);
        return true;
    }

    /// <summary>Gets the next tokens where the current one runs out; a session that the API has ended ends here too.</summary>
    private static async Task RenewAsync(CookieValidatePrincipalContext context)
    {
        var properties = context.Properties;
        var time = context.HttpContext.RequestServices.GetRequiredService<TimeProvider>();
        if (properties.GetTokenValue(RefreshToken) is not { } refresh
            || !DateTimeOffset.TryParse(properties.GetTokenValue(ExpiresAt), CultureInfo.InvariantCulture, out var expiresAt))
        {
            context.RejectPrincipal();
            return;
        }

        if (time.GetUtcNow() + s_ahead < expiresAt)
        {
            return;
        }

        var api = context.HttpContext.RequestServices.GetRequiredService<ApiClient>();
        var answer = await api.PostAsync<RefreshedAnswer>("/auth/refresh", new { refresh_token = refresh });
        if (answer.Value is { } next)
        {
            Store(properties, next);
            context.ShouldRenew = true;
        }
        else if (answer.Problem!.Status == StatusCodes.Status401Unauthorized)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
        }

        // Where the API does not answer, the page says so, and the person is still signed in when it does.
    }

    /// <summary>Puts a token there that somebody else renews.</summary>
    public static void Store(AuthenticationProperties properties, string token) =>
        properties.StoreTokens([new AuthenticationToken { Name = AccessToken, Value = token }]);

    private static void Store(AuthenticationProperties properties, RefreshedAnswer tokens) => properties.StoreTokens(
    [
        new AuthenticationToken { Name = AccessToken, Value = tokens.Token },
        new AuthenticationToken { Name = RefreshToken, Value = tokens.RefreshToken },
        new AuthenticationToken { Name = ExpiresAt, Value = tokens.ExpiresAt.ToString("O", CultureInfo.InvariantCulture) },
    ]);
}
