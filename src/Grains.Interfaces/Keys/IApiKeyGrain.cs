using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using Orleans;
using Orleans.Concurrency;

namespace LlmObserve.Grains.Interfaces.Keys;

/// <summary>One API key. The grain's key is the key's SHA-256 in lower-case hexadecimal, never the key itself.</summary>
[Alias("llmobserve.api-key")]
public interface IApiKeyGrain : IGrainWithStringKey
{
    /// <summary>
    /// What the key opens, or null where it is unknown or revoked. One that has expired opens nothing: its grant says when it did, and has no
    /// scopes. Notes the use, written within a minute.
    /// </summary>
    [Alias("resolve"), AlwaysInterleave]
    Task<ApiKeyGrant?> ResolveAsync();

    /// <summary>Reads the key's row anew: after it was made, changed or revoked.</summary>
    [Alias("refresh")]
    Task RefreshAsync();
}

/// <summary>What an API key opens.</summary>
/// <param name="KeyId">The key's public id.</param>
/// <param name="Account">The account that it belongs to.</param>
/// <param name="User">Who made it; null where that user is gone.</param>
/// <param name="Scopes">Any of <c>ingest</c>, <c>check</c>, <c>read</c>, <c>manage</c>.</param>
/// <param name="Prefix">Its first characters, to recognise it by.</param>
/// <param name="ExpiresAt">When it ends by itself. Whoever keeps a grant looks at this with every use.</param>
/// <param name="AllowedIps">Networks in CIDR notation from which it may be used; none, or unset by an older release: from everywhere.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.api-key-grant")]
public sealed record ApiKeyGrant(
    Guid KeyId,
    AccountId Account,
    UserId? User,
    ImmutableArray<string> Scopes,
    string Prefix,
    DateTimeOffset? ExpiresAt = null,
    ImmutableArray<string> AllowedIps = default);
