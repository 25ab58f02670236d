using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Keys;

/// <summary>A stored API key: its hash, never the key.</summary>
public sealed record ApiKeyRow(
    Guid Id,
    AccountId Account,
    UserId? User,
    string Prefix,
    string Name,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>Networks from which it may be used; empty: from everywhere.</summary>
    public ImmutableArray<string> AllowedIps { get; init; } = [];

    /// <summary>The key that takes over from it.</summary>
    public Guid? RotatedTo { get; init; }

    /// <summary>Whether it opens anything.</summary>
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <summary>A key to be stored.</summary>
/// <param name="Id">Its public id.</param>
/// <param name="Account">What it opens.</param>
/// <param name="User">Who made it.</param>
/// <param name="Sha256">32 bytes.</param>
/// <param name="Prefix">Its first characters, to recognise it by.</param>
/// <param name="Name">As the user named it.</param>
/// <param name="Scopes">Any of <c>ingest</c>, <c>check</c>, <c>read</c>, <c>manage</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record NewApiKey(
    Guid Id,
    AccountId Account,
    UserId User,
    byte[] Sha256,
    string Prefix,
    string Name,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt)
{
    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Networks from which it may be used; empty: from everywhere.</summary>
    public ImmutableArray<string> AllowedIps { get; init; } = [];
}

/// <summary>Who made a key, as they are called now.</summary>
public sealed record KeyMaker(UserId Id, string? Email, string? Name);

/// <summary>What is to become of a key, and what the audit log is told.</summary>
/// <param name="After">The key as it will be: name, scopes, networks, end, successor and revocation are written.</param>
/// <param name="Audit">At least one entry.</param>
public sealed record KeyChange(ApiKeyRow After, params ImmutableArray<AuditEntry> Audit)
{
    /// <summary>The key that takes over.</summary>
    public NewApiKey? Successor { get; init; }
}
