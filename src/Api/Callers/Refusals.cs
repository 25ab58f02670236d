using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Callers;

/// <summary>Why a caller is turned away.</summary>
internal static class Refusals
{
    public static readonly Problem MissingCredentials = Problems.Unauthorized(
        "missing-credentials", "Send Authorization: Bearer with an API key (llmo_sk_…) or a session token.");

    public static readonly Problem InvalidSession = Problems.Unauthorized(
        "invalid-session", "The bearer token is neither an API key (llmo_sk_…) nor a session token of this server.");

    public static readonly Problem ExpiredSession = Problems.Unauthorized(
        "expired-session", "The session token has run out; refresh it, or sign in again.");

    public static readonly Problem EndedSession = Problems.Unauthorized(
        "ended-session", "This session has ended; sign in again.");

    public static readonly Problem InvalidRefreshToken = Problems.Unauthorized(
        "invalid-refresh-token", "This is not a refresh token (llmo_rt_…) of this server; sign in again.");

    public static readonly Problem NotAMember = Problems.Unauthorized(
        "not-a-member", "The session token is for an account that is closed, or that its user no longer belongs to; switch to another, or sign in again.");

    public static readonly Problem MistypedKey = Problems.Unauthorized(
        "mistyped-key", "The API key is incomplete or mistyped: its checksum does not fit. Copy it again.");

    public static readonly Problem UnknownKey = Problems.Unauthorized(
        "unknown-key", "There is no such API key, or it has been revoked.");

    public static readonly Problem ExpiredKey = Problems.Unauthorized(
        "expired-key", "The API key has expired; use the one that took its place, or make another.");

    /// <summary>Says nothing of where the key may be used from: whoever has stolen it need not learn that.</summary>
    public static readonly Problem AddressNotAllowed = Problems.Forbidden(
        "address-not-allowed", "The API key may not be used from the address that this request came from.");

    public static readonly Problem TooManyUnknownKeys = Problems.TooManyRequests(
        "Too many API keys that this server has not seen lately; try again in a moment.", ShedReasons.UnknownKeys);

    public static readonly Problem SessionNeeded = Problems.Forbidden(
        "session-needed", "This needs a session token from signing in; an API key cannot do it.");

    public static readonly Problem KeyNeeded = Problems.Forbidden(
        "key-needed", "This needs an API key (llmo_sk_…); a session token cannot do it.");

    public static Problem MissingRole(AccountRole least, AccountRole role) => Problems.Forbidden(
        "missing-role", $"This needs the role {least.ToWire()} in the account; yours is {role.ToWire()}.");

    public static Problem MissingScope(ApiScope scope) => Problems.Forbidden(
        "missing-scope", $"The API key lacks the scope {scope.ToWord()}.");
}
