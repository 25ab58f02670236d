using LlmObserve.Api.Http;

namespace LlmObserve.Api.Callers;

/// <summary>Why a caller is turned away.</summary>
internal static class Refusals
{
    public static readonly Problem MissingCredentials = Problems.Unauthorized(
        "missing-credentials", "Send Authorization: Bearer with an API key (llmo_sk_…) or a session token.");

    public static readonly Problem InvalidSession = Problems.Unauthorized(
        "invalid-session", "The bearer token is neither an API key (llmo_sk_…) nor a session token of this server.");

    public static readonly Problem ExpiredSession = Problems.Unauthorized(
        "expired-session", "The session has ended; sign in again.");

    public static readonly Problem MistypedKey = Problems.Unauthorized(
        "mistyped-key", "The API key is incomplete or mistyped: its checksum does not fit. Copy it again.");

    public static readonly Problem UnknownKey = Problems.Unauthorized(
        "unknown-key", "There is no such API key, or it has been revoked.");

    public static readonly Problem TooManyUnknownKeys = Problems.TooManyRequests(
        "Too many API keys that this server has not seen lately; try again in a moment.", ShedReasons.UnknownKeys);

    public static readonly Problem SessionNeeded = Problems.Forbidden(
        "session-needed", "This needs a session token from signing in; an API key cannot do it.");

    public static readonly Problem KeyNeeded = Problems.Forbidden(
        "key-needed", "This needs an API key (llmo_sk_…); a session token cannot do it.");

    public static Problem MissingScope(ApiScope scope) => Problems.Forbidden(
        "missing-scope", $"The API key lacks the scope {scope.ToWord()}.");
}
