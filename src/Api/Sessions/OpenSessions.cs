using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Sessions;

namespace LlmObserve.Api.Sessions;

/// <summary>Opens the sessions of people who sign in.</summary>
internal sealed class OpenSessions(SessionsStore store, SessionTokens tokens, GrainCalls calls, TimeProvider time)
{
    /// <summary>However often it is refreshed: once a quarter a person shows that they still know their password.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

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

    /// <summary>The token of a session that was stored; every process takes it from here on.</summary>
    public async Task<string> AnnounceAsync(NewSession session)
    {
        await calls.RepeatAsync<IUserGrain>(session.User.ToString(), user => user.RefreshAsync());
        return tokens.Create(new SessionClaims(session.User, session.Account, session.Id));
    }

    /// <summary>Stores a session and answers its token.</summary>
    public async Task<string> OpenAsync(UserId user, AccountId account, HttpContext context)
    {
        var session = Prepare(user, account, context);
        await store.InsertAsync(session, context.RequestAborted);
        return await AnnounceAsync(session);
    }
}
