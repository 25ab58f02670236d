using LlmObserve.Api.Http;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Api.Callers;

/// <summary>A caller, or why there is none.</summary>
internal readonly record struct CallerAnswer(Caller? Caller, Problem? Refusal)
{
    public static CallerAnswer Refused(Problem refusal) => new(null, refusal);
}

/// <summary>Turns a bearer token into a <see cref="Caller"/> by a route's rule.</summary>
internal sealed class CallerAuthentication(SessionTokens sessions)
{
    public ValueTask<CallerAnswer> AuthenticateAsync(string token, CallerRule rule, CancellationToken cancellationToken) =>
        ValueTask.FromResult(OfSession(token, rule));

    private CallerAnswer OfSession(string token, CallerRule rule)
    {
        switch (sessions.Read(token, out var claims))
        {
            case SessionTokenOutcome.Expired:
                return CallerAnswer.Refused(Refusals.ExpiredSession);
            case SessionTokenOutcome.Invalid:
                return CallerAnswer.Refused(Refusals.InvalidSession);
            default:
                return rule.AcceptsSession
                    ? new CallerAnswer(Caller.OfSession(claims.Account, claims.User), null)
                    : CallerAnswer.Refused(Refusals.KeyNeeded);
        }
    }
}
