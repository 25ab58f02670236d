using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Accounts;

namespace LlmObserve.Api.Accounts;

/// <summary>
/// Ends accounts and users, and takes that back. A closed account's sessions and keys open nothing from then on: here at once, on other nodes within
/// <see cref="KnownKeys.FreshFor"/>. Whoever does it may do it again where they do not know whether it was done.
/// </summary>
internal sealed class AccountClosing(ClosingStore store, AccountPlaces places, KnownKeys known, GrainCalls calls, TimeProvider time)
{
    /// <summary>Grains of keys that are told at once.</summary>
    private const int MaxTellsAtOnce = 16;

    /// <summary>Closes an account for one of its owners.</summary>
    public async Task<ClosingAnswer> CloseAsync(AccountAct act, CancellationToken cancellationToken) =>
        await ToldAsync(await store.CloseAsync(act, cancellationToken));

    /// <summary>Opens a closed account again for one of its owners.</summary>
    public async Task<ClosingAnswer> RestoreAsync(AccountAct act, CancellationToken cancellationToken) =>
        await ToldAsync(await store.RestoreAsync(act, cancellationToken));

    /// <summary>Closes an account that an identity provider has deleted; false where there is none.</summary>
    public async Task<bool> CloseAsync(AccountId account, Actor actor, CancellationToken cancellationToken)
    {
        var end = await store.CloseAsync(account, actor, time.GetUtcNow(), cancellationToken);
        if (end is not null)
        {
            await TellAsync(end);
        }

        return end is not null;
    }

    /// <summary>
    /// Closes a user, their personal account and those where they are alone, and ends their sessions. Where accounts need them, closes nothing and
    /// names these; <paramref name="evenIfNeeded"/> hands those on instead.
    /// </summary>
    public async Task<UserClosing> CloseUserAsync(UserId user, Actor actor, bool evenIfNeeded, CancellationToken cancellationToken)
    {
        var closing = await store.CloseUserAsync(user, actor, time.GetUtcNow(), evenIfNeeded, cancellationToken);
        if (closing.IsDone)
        {
            await places.TellAsync(closing.Left.Append(user));
            foreach (var end in closing.Closed)
            {
                await TellAsync(end);
            }
        }

        return closing;
    }

    private async Task<ClosingAnswer> ToldAsync(ClosingAnswer answer)
    {
        if (answer.End is { } end)
        {
            await TellAsync(end);
        }

        return answer;
    }

    /// <summary>It is stored: from here on nobody may stop half-way.</summary>
    private async Task TellAsync(AccountEnd end)
    {
        await places.TellAsync(end.Members);
        await Parallel.ForEachAsync(
            await store.ListKeysAsync(end.Account, CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = MaxTellsAtOnce },
            async (sha256, _) =>
            {
                var digest = KeyDigest.Of(sha256);
                await calls.RepeatAsync<IApiKeyGrain>(digest.ToHash().Value, key => key.RefreshAsync());
                known.Forget(digest);
            });
    }
}
