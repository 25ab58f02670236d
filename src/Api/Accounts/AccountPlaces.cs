using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Accounts;

namespace LlmObserve.Api.Accounts;

/// <summary>
/// Where the signed-in user stands in an account that a path names. It is looked up by the user, whatever account their session opens: an account
/// that they do not belong to is answered like none.
/// </summary>
internal sealed class AccountPlaces(UserAccountsStore store, GrainCalls calls, TimeProvider time)
{
    /// <summary>Grains that are told at once: an account of five hundred takes a moment, and does not fill the silos' queues.</summary>
    private const int MaxTellsAtOnce = 16;

    /// <summary>The account with the user's place there, or why they may not.</summary>
    /// <param name="id">From the path.</param>
    /// <param name="caller">The user.</param>
    /// <param name="least">What they must be there.</param>
    /// <param name="mayBeClosed">Whether an owner may name one that is closed.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<(UserAccountRow? Account, Problem? Refusal)> FindAsync(
        string id, Caller caller, AccountRole least, bool mayBeClosed, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var account)
            || await store.FindAsync(caller.User!.Value, new AccountId(account), time.GetUtcNow(), cancellationToken) is not { } row)
        {
            return (null, AccountProblems.NoAccount);
        }

        return row.Role < least ? (null, Refusals.MissingRole(least, row.Role))
            : row.ClosedAt is not null && !mayBeClosed ? (null, AccountProblems.Closed)
            : (row, null);
    }

    /// <summary>The user's act on an account, as stores take it.</summary>
    public AccountAct Act(HttpContext context, AccountId account) =>
        new(account, context.Caller().User!.Value, context.Actor(), time.GetUtcNow());

    /// <summary>Has users' places read anew. What was changed is stored by now: nobody may stop this half-way.</summary>
    public Task TellAsync(IEnumerable<UserId> users) => Parallel.ForEachAsync(
        users.Distinct(),
        new ParallelOptions { MaxDegreeOfParallelism = MaxTellsAtOnce },
        async (user, _) => await calls.RepeatAsync<IUserGrain>(user.ToString(), grain => grain.RefreshAsync()));
}
