using LlmObserve.Api.Clerk;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Keys;
using LlmObserve.Grains.Interfaces.Users;

namespace LlmObserve.Api.Callers;

/// <summary>A caller, or why there is none.</summary>
internal readonly record struct CallerAnswer(Caller? Caller, Problem? Refusal)
{
    public static CallerAnswer Refused(Problem refusal) => new(null, refusal);
}

/// <summary>Turns a bearer token into a <see cref="Caller"/> by a route's rule.</summary>
internal sealed class CallerAuthentication(SessionTokens sessions, KnownKeys keys, GrainCalls calls, TimeProvider time, ClerkCallers? clerk = null)
{
    /// <summary>The answer to a key that this process has seen in the last second; false for everything else, which takes longer.</summary>
    public bool TryRecall(string token, CallerRule rule, HttpContext context, out CallerAnswer answer)
    {
        if (token.StartsWith(ApiKeyText.Scheme, StringComparison.Ordinal) && keys.TryRecall(token, out var caller))
        {
            answer = OfKey(new KeyAnswer(KeyOutcome.Known, caller), rule, context);
            return true;
        }

        answer = default;
        return false;
    }

    public ValueTask<CallerAnswer> AuthenticateAsync(string token, CallerRule rule, HttpContext context)
    {
        if (!token.StartsWith(ApiKeyText.Scheme, StringComparison.Ordinal))
        {
            return OfSessionAsync(token, rule, context.RequestAborted);
        }

        var answer = keys.FindAsync(token, context.RequestAborted);
        return answer.IsCompletedSuccessfully ? ValueTask.FromResult(OfKey(answer.Result, rule, context)) : OfKeyAsync(answer, rule, context);
    }

    private async ValueTask<CallerAnswer> OfKeyAsync(ValueTask<KeyAnswer> answer, CallerRule rule, HttpContext context) =>
        OfKey(await answer, rule, context);

    private CallerAnswer OfKey(KeyAnswer answer, CallerRule rule, HttpContext context) => answer.Outcome switch
    {
        KeyOutcome.Mistyped => CallerAnswer.Refused(Refusals.MistypedKey),
        KeyOutcome.Unknown => CallerAnswer.Refused(Refusals.UnknownKey),
        KeyOutcome.Busy => CallerAnswer.Refused(Refusals.TooManyUnknownKeys),
        _ when answer.Caller!.ExpiresAt is { } end && end <= time.GetUtcNow() => CallerAnswer.Refused(Refusals.ExpiredKey),
        _ when answer.Caller.AllowedNetworks is { } networks && !networks.Contains(context.RemoteIp()) =>
            CallerAnswer.Refused(Refusals.AddressNotAllowed),
        _ when rule.KeyScope == ApiScope.None => CallerAnswer.Refused(Refusals.SessionNeeded),
        _ when (answer.Caller.Scopes & rule.KeyScope) != rule.KeyScope => CallerAnswer.Refused(Refusals.MissingScope(rule.KeyScope)),
        _ => new CallerAnswer(answer.Caller, null),
    };

    private async ValueTask<CallerAnswer> OfSessionAsync(string token, CallerRule rule, CancellationToken cancellationToken)
    {
        if (clerk is not null && await clerk.FindAsync(token, cancellationToken) is { IsForeign: false } found)
        {
            return found.Profile is { } person ? OfUser(person, found.Account, session: null, rule) : CallerAnswer.Refused(found.Refusal!);
        }

        var outcome = sessions.Read(token, out var claims);
        if (outcome != SessionTokenOutcome.Valid)
        {
            return CallerAnswer.Refused(outcome == SessionTokenOutcome.Expired ? Refusals.ExpiredSession : Refusals.InvalidSession);
        }

        // The token says who it was made for; whether they are still signed in and belong to the account, only their grain knows.
        var profile = await calls.RepeatAsync<IUserGrain, UserProfile?>(claims.User.ToString(), user => user.GetAsync()).WaitAsync(cancellationToken);
        return profile is null || !profile.Sessions.Contains(claims.Session)
            ? CallerAnswer.Refused(Refusals.EndedSession)
            : OfUser(profile, claims.Account, claims.Session, rule);
    }

    private static CallerAnswer OfUser(UserProfile profile, AccountId account, Guid? session, CallerRule rule)
    {
        if (profile.Memberships.FirstOrDefault(membership => membership.Account == account) is not { } place)
        {
            return CallerAnswer.Refused(Refusals.NotAMember);
        }

        var role = AccountRoles.FromStored(place.Role);
        return !rule.AcceptsSession ? CallerAnswer.Refused(Refusals.KeyNeeded)
            : role < rule.LeastRole ? CallerAnswer.Refused(Refusals.MissingRole(rule.LeastRole, role))
            : new CallerAnswer(Caller.OfSession(account, profile.Id, role, session, profile.Email), null);
    }
}
