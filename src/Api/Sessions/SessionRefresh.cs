using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Sessions;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Sessions;

/// <summary>
/// Hands out the next tokens for a refresh token. Each is good once. Who comes with one that was used is either the same program, which lost
/// the answer or asks from two windows, and gets the same answer for a moment; or somebody who took the token, and nobody can tell which of
/// the two is the thief: the session ends.
/// </summary>
internal sealed class SessionRefresh(SessionsStore store, UsersStore users, OpenSessions sessions, RefreshTokens tokens, TimeProvider time)
{
    /// <summary>How long a used token is answered again: a request that is tried again, or a window that slept. Also covers clocks that differ.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>Of the reason of a session's end in the audit log.</summary>
    private const string Reused = """{"reason":"refresh_token_reused"}""";

    /// <summary>Each further look means that somebody else has moved the session on meanwhile, and then it ends or repeats.</summary>
    private const int MaxLooks = 3;

    /// <summary>The next tokens, or why there are none.</summary>
    /// <param name="text">The refresh token.</param>
    /// <param name="account">Which account the new token is to open; null stays with the last one.</param>
    /// <param name="context">The request.</param>
    public async Task<(SessionPair? Done, Problem? Refusal)> RunAsync(string text, AccountId? account, HttpContext context)
    {
        if (!tokens.TryRead(text, out var claims))
        {
            return (null, Refusals.InvalidRefreshToken);
        }

        for (var look = 1; look <= MaxLooks; look++)
        {
            if (await store.FindAsync(claims.Session, context.RequestAborted) is not { } session || sessions.IsOver(session)
                || await users.FindAsync(session.User, context.RequestAborted) is not { } user)
            {
                return (null, Refusals.EndedSession);
            }

            if (account is { } wanted && !OpenSessions.IsMember(user, wanted))
            {
                return (null, SessionProblems.NoSuchAccount);
            }

            if (await StepAsync(session, user, claims, account, context) is { } answer)
            {
                return answer;
            }
        }

        return (null, Refusals.EndedSession);
    }

    /// <summary>Null where the session was moved on by somebody else since it was read.</summary>
    private async Task<(SessionPair? Done, Problem? Refusal)?> StepAsync(
        SessionRow session, UserRow user, RefreshClaims claims, AccountId? wanted, HttpContext context)
    {
        var now = time.GetUtcNow();
        var opens = wanted ?? OpenSessions.AccountOf(user, session.Account);
        if (claims.Generation == session.Generation)
        {
            return await store.RotateAsync(session.Id, session.Generation, opens, now, context.RequestAborted)
                ? (Pair(session.Generation + 1), null)
                : null;
        }

        if (claims.Generation == session.Generation - 1 && now - session.RefreshedAt < Grace)
        {
            return wanted is null || await store.SwitchAsync(session.Id, opens, context.RequestAborted) ? (Pair(session.Generation), null) : null;
        }

        if (claims.Generation < session.Generation)
        {
            var server = Actor.System with { Ip = context.Ip(), RequestId = context.TraceIdentifier };
            await sessions.EndAsync(user, session.Id, server, Reused, CancellationToken.None);
        }

        // Ahead of the session: the database is older than the token. Nobody has stolen anything.
        return (null, Refusals.EndedSession);

        SessionPair Pair(int generation) => sessions.PairOf(new SessionClaims(user.Id, opens, session.Id), generation, session.ExpiresAt);
    }
}
