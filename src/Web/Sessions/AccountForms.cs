using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Sessions;

/// <summary>
/// A form is good for the account whose page it stood on. A session opens one account at a time in all its tabs: what was typed in a tab of one must not
/// change another that was opened in the tab beside it.
/// </summary>
internal sealed class AccountForms : IAntiforgeryAdditionalDataProvider
{
    private const int PartsOfAToken = 3;

    /// <summary>What the API's tokens and Clerk's call the account.</summary>
    private static readonly string[] s_claims = ["acct", "org_id"];

    /// <summary>Forms that change nothing of an account.</summary>
    private static readonly PathString[] s_anyAccount = ["/sign-out", "/switch"];

    public string GetAdditionalData(HttpContext context) => AccountOf(SessionCookie.Token(context));

    public bool ValidateAdditionalData(HttpContext context, string additionalData) =>
        s_anyAccount.Contains(context.Request.Path) || additionalData == AccountOf(SessionCookie.Token(context));

    /// <summary>Empty for nobody, and where the token does not say.</summary>
    private static string AccountOf(string? token)
    {
        if (token?.Split('.') is not { Length: PartsOfAToken } parts || !Base64Url.IsValid(parts[1]))
        {
            return "";
        }

        try
        {
            var claims = JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
            return s_claims.Select(name => claims.TryGetProperty(name, out var claim) ? claim.ToString() : "").FirstOrDefault(text => text.Length > 0) ?? "";
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            // A token of a kind that is read by the API alone.
            return "";
        }
    }
}
