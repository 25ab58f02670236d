using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Clerk;

/// <summary>
/// What a page may run and ask, as the browser enforces it: its own files, and where Clerk signs people in what Clerk's documentation says that its
/// script needs (clerk.com/docs/guides/secure/best-practices/csp-headers), each on the pages that need it.
/// </summary>
internal static class PagePolicy
{
    private const string End = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string Own = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " + End;

    /// <summary>Bot protection, which asks people to tick a box.</summary>
    private const string Challenges = "https://challenges.cloudflare.com";

    private const string Protect = "https://*.protect.clerk.com";

    private static readonly string[] s_forms = ["/sign-in", "/login", "/sign-up", "/signup"];

    /// <summary>Pages for visitors run none of it.</summary>
    private static readonly string[] s_without = ["/welcome"];

    public static string Of(ClerkSite? clerk, PathString path)
    {
        if (clerk is null || IsOneOf(s_without, path))
        {
            return Own;
        }

        var origin = $"https://{clerk.Host}";
        return IsOneOf(s_forms, path)
            ? $"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' {origin} {Challenges} {Protect}; " +
              $"img-src 'self' https://img.clerk.com; connect-src 'self' {origin} {Protect}:*; worker-src 'self' blob:; " +
              $"frame-src {Challenges} {Protect}; {End}"
            // The session is kept fresh, and nothing of Clerk's is shown.
            : $"default-src 'none'; style-src 'self'; script-src 'self' {origin}; img-src 'self'; connect-src 'self' {origin}; " +
              $"worker-src 'self' blob:; {End}";
    }

    /// <summary>Whether the page has use for Clerk's script, where Clerk is configured.</summary>
    public static bool RunsClerk(HttpContext context) =>
        IsOneOf(s_forms, context.Request.Path) || (!IsOneOf(s_without, context.Request.Path) && context.User.Identity?.IsAuthenticated == true);

    private static bool IsOneOf(string[] paths, PathString path) => paths.Any(one => path.Equals(one, StringComparison.OrdinalIgnoreCase));
}
