using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Sessions;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Sessions;

/// <summary>What a person carries of a session.</summary>
/// <param name="Token">Sent with every request.</param>
/// <param name="RefreshToken">For the next pair of tokens; good once.</param>
/// <param name="ExpiresAt">When <paramref name="Token"/> ends.</param>
internal sealed record SessionPair(string Token, string RefreshToken, DateTimeOffset ExpiresAt);

/// <summary>Opens and ends the sessions of people, and makes their tokens.</summary>
internal sealed class OpenSessions(
    SessionsStore store, SessionTokens tokens, RefreshTokens refreshTokens, GrainCalls calls, TimeProvider time)
{
    /// <summary>However often it is refreshed: once a quarter a person shows that they still know their password.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

    /// <summary>A device that was not used for a month is forgotten or lost.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromDays(30);

    /// <summary>Enough for every browser's name; what is longer is cut.</summary>
    private const int MaxUserAgentLength = 200;

    /// <summary>A session that is to be stored.</summary>
    public NewSession Prepare(UserId user, AccountId account, HttpContext context)
    {
        var now = time.GetUtcNow();
        var agent = context.Request.Headers.UserAgent.ToString();
        return new NewSession(
            Guid.CreateVersion7(now),
            user,
            account,
            now,
            now + LongestLife,
            context.Ip(),
            agent.Length == 0 ? null : agent[..Math.Min(agent.Length, MaxUserAgentLength)]);
    }

    /// <summary>The tokens of a session that was stored; every process takes them from here on.</summary>
    public async Task<SessionPair> AnnounceAsync(NewSession session)
    {
        await TellAsync(session.User);
        return PairOf(new SessionClaims(session.User, session.Account, session.Id), generation: 0, session.ExpiresAt);
    }

    /// <summary>
    /// Stores a session of somebody whose password was right, and answers its tokens; null where it was changed, or they left, meanwhile.
    /// </summary>
    public async Task<SessionPair?> OpenAsync(UserRow user, HttpContext context)
    {
        var session = Prepare(user.Id, AccountOf(user, remembered: null), context);
        var audit = Audit(user, context.ActorOf(user.Id, user.Email), AuditActions.SignedIn, ObjectOf(session.Id));
        return await store.OpenAsync(session, user.PasswordHash!, audit, context.RequestAborted) ? await AnnounceAsync(session) : null;
    }

    /// <summary>Ends one of a person's sessions, on every node at once. False where they have none of that id.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="session">Which.</param>
    /// <param name="actor">Who ends it.</param>
    /// <param name="reason">A JSON object for the audit log, where it needs saying.</param>
    /// <param name="cancellationToken">Gives up before it is ended.</param>
    public async Task<bool> EndAsync(UserRow user, Guid session, Actor actor, string? reason, CancellationToken cancellationToken)
    {
        var audit = Audit(user, actor, AuditActions.SignedOut, ObjectOf(session)) with { After = reason };
        if (!await store.EndAsync(session, user.Id, audit, cancellationToken))
        {
            return false;
        }

        await TellAsync(user.Id);
        return true;
    }

    /// <summary>Ends all of a person's sessions, all but one where that is named, on every node at once.</summary>
    public async Task EndAllAsync(UserRow user, Guid? except, Actor actor, CancellationToken cancellationToken)
    {
        var audit = Audit(user, actor, AuditActions.SignedOutEverywhere, new AuditObject("user", user.Id.ToString(), user.Email));
        if (await store.EndAllAsync(user.Id, except, audit, cancellationToken))
        {
            await TellAsync(user.Id);
        }
    }

    /// <summary>The user's rows have changed. Whoever made the change may not stop before everybody knows.</summary>
    public Task TellAsync(UserId id) => calls.RepeatAsync<IUserGrain>(id.ToString(), user => user.RefreshAsync());

    /// <summary>The access token of a session, and when it ends.</summary>
    public (string Token, DateTimeOffset ExpiresAt) TokenOf(SessionClaims claims, DateTimeOffset sessionEnds)
    {
        var ends = time.GetUtcNow() + SessionTokens.Lifetime;
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((ends < sessionEnds ? ends : sessionEnds).ToUnixTimeSeconds());
        return (tokens.Create(claims, expiresAt), expiresAt);
    }

    /// <summary>Both tokens of a session.</summary>
    public SessionPair PairOf(SessionClaims claims, int generation, DateTimeOffset sessionEnds)
    {
        var (token, expiresAt) = TokenOf(claims, sessionEnds);
        return new SessionPair(token, refreshTokens.Create(new RefreshClaims(claims.Session, generation)), expiresAt);
    }

    /// <summary>Whether a session's time is over, though its row may be there still.</summary>
    public bool IsOver(SessionRow session) =>
        time.GetUtcNow() is var now && (now >= session.ExpiresAt || now - session.RefreshedAt >= LongestSleep);

    /// <summary>
    /// The account that a person's token opens: the one that the session remembers; where they have left it or it is closed the personal one, and
    /// where that is closed another of theirs.
    /// </summary>
    public static AccountId AccountOf(UserRow user, AccountId? remembered) =>
        remembered is { } account && IsMember(user, account) ? account
        : IsMember(user, user.PersonalAccount) || user.Memberships.IsEmpty ? user.PersonalAccount
        : user.Memberships[0].Account;

    /// <summary>Whether a person belongs to an account that is open.</summary>
    public static bool IsMember(UserRow user, AccountId account) => user.Memberships.Any(membership => membership.Account == account);

    /// <summary>Where and when a person is signed in concerns them and not the accounts that they visit.</summary>
    private AuditEntry Audit(UserRow user, Actor actor, string action, AuditObject what) =>
        new(user.PersonalAccount, time.GetUtcNow(), actor, action, what);

    private static AuditObject ObjectOf(Guid session) => new("session", session.ToString("N"), null);
}
