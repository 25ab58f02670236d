using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>What <c>POST /api-keys</c> takes.</summary>
internal sealed record CreateKeyBody
{
    public string? Name { get; init; }

    /// <summary>Any of ingest, check, read and manage; ingest and check where it is left out.</summary>
    public string[]? Scopes { get; init; }

    /// <summary>When it ends by itself: in the future, within five years. Left out: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Up to 50 addresses or networks from which it may be used, as in 203.0.113.7 or 2001:db8::/32. Left out: from everywhere.</summary>
    public string[]? AllowedIps { get; init; }
}

/// <summary>What <c>PATCH /api-keys/{id}</c> takes. What is left out stays; null clears.</summary>
internal sealed record ChangeKeyBody
{
    public string? Name { get; init; }

    /// <summary>Any of ingest, check, read and manage.</summary>
    public string[]? Scopes { get; init; }

    /// <summary>In the future, within five years; of a key that was rotated within 30 days. Null: it does not end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: from everywhere.</summary>
    public string[]? AllowedIps { get; init; }
}

/// <summary>What <c>POST /api-keys/{id}/rotate</c> takes.</summary>
internal sealed record RotateKeyBody
{
    /// <summary>How long the old key goes on: from 0, at once, to 2592000, 30 days; 86400, a day, where it is left out.</summary>
    public long? OverlapSeconds { get; init; }
}

/// <summary>Who made a key.</summary>
internal sealed record KeyMakerItem(string UserId, string? Email, string? Name);

/// <summary>A key as it is listed.</summary>
internal sealed record KeyItem(
    string Id,
    string Name,
    string KeyPrefix,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? ExpiresAt,
    ImmutableArray<string>? AllowedIps,
    string? RotatedTo,
    KeyMakerItem? CreatedBy)
{
    public static KeyItem FromRow(ApiKeyRow row, IReadOnlyDictionary<UserId, KeyMaker> makers) => new(
        row.Id.ToString("N"),
        row.Name,
        row.Prefix,
        row.Scopes,
        row.CreatedAt,
        row.LastUsedAt,
        row.ExpiresAt,
        row.AllowedIps.IsEmpty ? null : row.AllowedIps,
        row.RotatedTo?.ToString("N"),
        row.User is { } user && makers.TryGetValue(user, out var maker) ? new KeyMakerItem(user.ToString(), maker.Email, maker.Name) : null);
}

/// <summary>A key that was made just now; the only answer that ever holds <paramref name="Key"/>.</summary>
internal sealed record CreatedKey(
    string Id,
    string Key,
    string KeyPrefix,
    string Name,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    ImmutableArray<string>? AllowedIps)
{
    /// <summary>The key whose place it takes, with its end; only of a rotation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public KeyItem? Replaces { get; init; }

    /// <summary>A key that was made before, and whose text has been kept.</summary>
    public static CreatedKey Of(ApiKeyRow row, string text) => new(
        row.Id.ToString("N"), text, row.Prefix, row.Name, row.Scopes, row.CreatedAt, row.ExpiresAt, row.AllowedIps.IsEmpty ? null : row.AllowedIps);

    public static CreatedKey Of(NewApiKey row, ApiKeyText text) => new(
        row.Id.ToString("N"),
        text.Reveal(),
        row.Prefix,
        row.Name,
        row.Scopes,
        row.CreatedAt,
        row.ExpiresAt,
        row.AllowedIps.IsEmpty ? null : row.AllowedIps);
}

/// <summary>A key was revoked.</summary>
internal sealed record RevokedKey(string Status, string Message);

[JsonSerializable(typeof(KeyItem[]))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(RevokedKey))]
internal sealed partial class KeysJson : JsonSerializerContext;
