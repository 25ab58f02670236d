using LlmObserve.Api.Accounts;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Users;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Clerk;

namespace LlmObserve.Api.Clerk;

/// <summary>Stores what Clerk tells, and sees to it that no memory of what was before serves a request after this.</summary>
internal sealed class ClerkNews(ClerkStore store, AccountKeys keys, SealedTexts texts, KnownKeys known, AccountPlaces places, GrainCalls calls)
{
    /// <summary>Grains of keys that are told at once.</summary>
    private const int MaxTellsAtOnce = 16;

    public async Task ApplyAsync(ClerkEvent happened, string? message, Actor actor, CancellationToken cancellationToken)
    {
        var reach = await store.ApplyAsync(happened, message, actor, FirstKey, cancellationToken);

        // It is stored: from here on nobody may stop half-way. Where this fails the message is sent again, and this is done then.
        await Parallel.ForEachAsync(
            reach.RevokedKeys,
            new ParallelOptions { MaxDegreeOfParallelism = MaxTellsAtOnce },
            async (sha256, _) =>
            {
                var digest = KeyDigest.Of(sha256);
                await calls.RepeatAsync<IApiKeyGrain>(digest.ToHash().Value, key => key.RefreshAsync());
                known.Forget(digest);
            });
        await places.TellAsync(reach.Users);
    }

    private SealedKey FirstKey(AccountId account, UserId user)
    {
        var (row, text) = keys.Prepare(account, user, SignUp.FirstKeyName, ApiScopes.Default);
        return new SealedKey(row, texts.Seal(row.Id, text.Reveal()));
    }
}
