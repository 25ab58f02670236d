using System.Collections.Immutable;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>What a key is to be.</summary>
internal sealed record KeyTerms(string Name, ImmutableArray<string> Scopes, DateTimeOffset? ExpiresAt, ImmutableArray<string> AllowedIps);

/// <summary>What is to change of a key: a field that was not sent stays as it is.</summary>
internal sealed record KeyWish
{
    private string? Name { get; init; }

    private ImmutableArray<string>? Scopes { get; init; }

    private bool HasExpiresAt { get; init; }

    private DateTimeOffset? ExpiresAt { get; init; }

    private ImmutableArray<string>? AllowedIps { get; init; }

    public static KeyWish Read(JsonFields fields, DateTimeOffset now)
    {
        if (fields.IsNull("scopes"))
        {
            fields.Add("scopes", FaultCodes.Required, "cannot be cleared: a key without any scope opens nothing");
        }

        return new KeyWish
        {
            Name = fields.Has("name") ? KeyForm.Name(fields) : null,
            Scopes = fields.IsGiven("scopes") ? KeyForm.Scopes(fields) : null,
            HasExpiresAt = fields.Has("expires_at"),
            ExpiresAt = KeyForm.ExpiresAt(fields, now),
            AllowedIps = fields.Has("allowed_ips") ? KeyForm.AllowedIps(fields) : null,
        };
    }

    /// <summary>The key as it is wished.</summary>
    public ApiKeyRow Of(ApiKeyRow key) => key with
    {
        Name = Name ?? key.Name,
        Scopes = Scopes ?? key.Scopes,
        ExpiresAt = HasExpiresAt ? ExpiresAt : key.ExpiresAt,
        AllowedIps = AllowedIps ?? key.AllowedIps,
    };
}
