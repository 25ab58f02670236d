using System.Security.Claims;
using System.Text.Encodings.Web;
using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmObserve.Web.Sessions;

/// <summary>
/// A person whom Clerk has signed in: its script keeps a session token in a cookie of this site, and renews it every minute. The API says whether
/// the token is good, and whose it is; nothing of it is kept here.
/// </summary>
internal sealed class ClerkSession(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logging, UrlEncoder encoder, ApiClient api)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    public const string SchemeName = "clerk";

    private const string CookieName = "__session";

    /// <summary>Whether a request bears Clerk's cookie.</summary>
    public static bool IsIn(HttpRequest request) => request.Cookies.ContainsKey(CookieName);

    /// <summary>Takes the token from the browser; the session itself is Clerk's, and its script ends it there.</summary>
    public static void Forget(HttpContext context)
    {
        if (IsIn(context.Request))
        {
            context.Response.Cookies.Delete(CookieName);
        }
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Cookies[CookieName] is not { Length: > 0 } token)
        {
            return AuthenticateResult.NoResult();
        }

        var answer = await api.GetAsync<MeAnswer>("/auth/me", token);
        if (answer.Value is not { } me)
        {
            return AuthenticateResult.Fail(answer.Problem!.Code);
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, me.User.Id), new Claim(ClaimTypes.Name, me.User.Email ?? me.User.Name ?? "")], SchemeName);
        var properties = new AuthenticationProperties();
        SessionCookie.Store(properties, token);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), properties, SchemeName));
    }
}
