using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>What the audit log is told of keys: their terms, never their text.</summary>
internal static class KeyAudit
{
    public static AuditEntry Created(NewApiKey key, Actor actor) =>
        Entry(key.Account, key.Id, key.Name, key.CreatedAt, actor, AuditActions.KeyCreated) with
        {
            After = new JsonObject
            {
                ["name"] = key.Name,
                ["key_prefix"] = key.Prefix,
                ["scopes"] = List(key.Scopes),
                ["expires_at"] = Time(key.ExpiresAt),
                ["allowed_ips"] = List(key.AllowedIps),
            }.ToJsonString(),
        };

    /// <summary>What has changed, and nothing else.</summary>
    public static AuditEntry Changed(ApiKeyRow before, ApiKeyRow after, DateTimeOffset at, Actor actor, string action)
    {
        var (was, becomes) = (new JsonObject(), new JsonObject());
        Compare("name", before.Name, after.Name, static name => name);
        Compare("scopes", before.Scopes, after.Scopes, static scopes => List(scopes), Same);
        Compare("expires_at", before.ExpiresAt, after.ExpiresAt, Time);
        Compare("allowed_ips", before.AllowedIps, after.AllowedIps, static networks => List(networks), Same);
        Compare("rotated_to", before.RotatedTo, after.RotatedTo, static key => key?.ToString("N"));
        Compare("revoked_at", before.RevokedAt, after.RevokedAt, Time);
        return Entry(before.Account, before.Id, before.Name, at, actor, action) with { Before = was.ToJsonString(), After = becomes.ToJsonString() };

        void Compare<T>(string name, T old, T now, Func<T, JsonNode?> write, Func<T, T, bool>? same = null)
        {
            if (!(same?.Invoke(old, now) ?? EqualityComparer<T>.Default.Equals(old, now)))
            {
                was[name] = write(old);
                becomes[name] = write(now);
            }
        }
    }

    /// <summary>Whether two lists say the same.</summary>
    public static bool Same(ImmutableArray<string> one, ImmutableArray<string> other) => one.AsSpan().SequenceEqual(other.AsSpan());

    private static AuditEntry Entry(AccountId account, Guid key, string name, DateTimeOffset at, Actor actor, string action) =>
        new(account, at, actor, action, new AuditObject("key", key.ToString("N"), name));

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonNode? Time(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture) : null;
}
