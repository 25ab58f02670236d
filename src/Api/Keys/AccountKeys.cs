using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>Makes and revokes the keys of accounts.</summary>
internal sealed class AccountKeys(KeysStore store, KnownKeys known, GrainCalls calls, TimeProvider time)
{
    /// <summary>One a service and a person; a list of them is read whole.</summary>
    public const int MaxKeys = 200;

    /// <summary>A key to be stored, and its text, which nobody sees again.</summary>
    public (NewApiKey Row, ApiKeyText Text) Prepare(AccountId account, UserId user, string name, ImmutableArray<string> scopes)
    {
        var text = ApiKeyText.Generate();
        var row = new NewApiKey(
            Guid.CreateVersion7(time.GetUtcNow()),
            account,
            user,
            Convert.FromHexString(text.Hash().Value),
            text.DisplayPrefix,
            name,
            scopes,
            time.GetUtcNow());
        return (row, text);
    }

    /// <summary>A new key of the caller's account; null where the account has as many as it may.</summary>
    public async Task<(NewApiKey Row, ApiKeyText Text)?> CreateAsync(
        Caller caller, string name, ImmutableArray<string> scopes, CancellationToken cancellationToken)
    {
        if ((await store.ListAsync(caller.Account, cancellationToken)).Count >= MaxKeys)
        {
            return null;
        }

        var key = Prepare(caller.Account, caller.User!.Value, name, scopes);
        await store.InsertAsync(key.Row, cancellationToken);
        return key;
    }

    public Task<IReadOnlyList<ApiKeyRow>> ListAsync(AccountId account, CancellationToken cancellationToken) =>
        store.ListAsync(account, cancellationToken);

    /// <summary>Revokes a key of the account: no request after this gets in with it here. False where the account has no such key.</summary>
    public async Task<bool> RevokeAsync(AccountId account, Guid id, CancellationToken cancellationToken)
    {
        if (await store.RevokeAsync(account, id, time.GetUtcNow(), cancellationToken) is not { } sha256)
        {
            return false;
        }

        // The row is revoked: from here on nobody may stop half-way.
        var digest = KeyDigest.Of(sha256);
        await calls.RepeatAsync<IApiKeyGrain>(digest.ToHash().Value, key => key.RefreshAsync());
        known.Forget(digest);
        return true;
    }
}
