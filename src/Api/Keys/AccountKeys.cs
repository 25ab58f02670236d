using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>Makes, changes, rotates and revokes the keys of accounts.</summary>
internal sealed class AccountKeys(KeysStore store, KnownKeys known, GrainCalls calls, TimeProvider time)
{
    /// <summary>
    /// Live ones, those that go on after a rotation among them: one a service and a person. All of them fit into a list
    /// (<see cref="KeysStore.MaxListed"/>).
    /// </summary>
    public const int MaxKeys = 200;

    private static readonly Problem s_unknown = Problems.NotFound("The account has no API key with this id.");

    private static readonly Problem s_tooMany = Problems.Conflict(
        "too-many-keys", $"The account has {MaxKeys} API keys already; revoke one that is not used.");

    private static readonly Problem s_ofAnother = Problems.Forbidden(
        "key-of-another", "Somebody else made this API key: it takes the role admin to change, rotate or revoke it.");

    /// <summary>A key to be stored, and its text, which nobody sees again.</summary>
    public (NewApiKey Row, ApiKeyText Text) Prepare(AccountId account, UserId user, string name, ImmutableArray<string> scopes) =>
        Prepare(account, user, new KeyTerms(name, scopes, null, []), time.GetUtcNow());

    /// <summary>The account's keys that are not revoked, newest first; those that have expired come last. A viewer sees none.</summary>
    public async Task<KeyItem[]> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Role < AccountRole.Member)
        {
            return [];
        }

        var rows = await store.ListAsync(caller.Account, time.GetUtcNow(), cancellationToken);
        var makers = await store.MakersAsync(rows.Where(row => row.User is not null).Select(row => row.User!.Value), cancellationToken);
        return [.. rows.Select(row => KeyItem.FromRow(row, makers))];
    }

    /// <summary>A new key of the caller's account. A member may give it any scope: with each of them it can do no more than they can.</summary>
    public async Task<(CreatedKey? Done, Problem? Refusal)> CreateAsync(HttpContext context, Caller caller, KeyTerms terms)
    {
        var (row, text) = Prepare(caller.Account, caller.User!.Value, terms, time.GetUtcNow());
        return await store.CreateAsync(row, MaxKeys, KeyAudit.Created(row, context.Actor()), context.RequestAborted)
            ? (CreatedKey.Of(row, text), null)
            : (null, s_tooMany);
    }

    /// <summary>Changes a key, for the next request with it here and within a second elsewhere.</summary>
    public async Task<(KeyItem? Done, Problem? Refusal)> ChangeAsync(HttpContext context, Caller caller, string id, KeyWish wish)
    {
        var now = time.GetUtcNow();
        var (row, refusal) = await ChangeAsync(context, caller, id, now, (key, live) =>
        {
            var after = wish.Of(key);
            return key.RotatedTo is not null && (after.ExpiresAt is null || after.ExpiresAt > now + KeyForm.LongestOverlap) ? (null, RotatedKeyEnds())
                : after.IsLive(now) && !key.IsLive(now) && live >= MaxKeys ? (null, s_tooMany)
                : IsSame(key, after) ? (null, null)
                : (new KeyChange(after, KeyAudit.Changed(key, after, now, context.Actor(), AuditActions.KeyUpdated)), null);
        });
        if (refusal is not null)
        {
            return (null, refusal);
        }

        var makers = await store.MakersAsync(row!.User is { } user ? [user] : [], context.RequestAborted);
        return (KeyItem.FromRow(row, makers), null);
    }

    /// <summary>Makes the key that takes over from one: of the same name, scopes, networks and end. The old one goes on for the overlap.</summary>
    public async Task<(CreatedKey? Done, Problem? Refusal)> RotateAsync(HttpContext context, Caller caller, string id, TimeSpan overlap)
    {
        var now = time.GetUtcNow();
        CreatedKey? made = null;
        var (row, refusal) = await ChangeAsync(context, caller, id, now, (key, live) =>
        {
            if (Unrotatable(key, live, now, overlap) is { } problem)
            {
                return (null, problem);
            }

            var (successor, text) = Prepare(key.Account, caller.User!.Value, new KeyTerms(key.Name, key.Scopes, key.ExpiresAt, key.AllowedIps), now);
            var end = key.ExpiresAt < now + overlap ? key.ExpiresAt : now + overlap;
            var after = key with { ExpiresAt = end, RotatedTo = successor.Id };
            made = CreatedKey.Of(successor, text);
            return (new KeyChange(
                after,
                KeyAudit.Changed(key, after, now, context.Actor(), AuditActions.KeyRotated),
                KeyAudit.Created(successor, context.Actor())) { Successor = successor }, null);
        });
        if (refusal is not null)
        {
            return (null, refusal);
        }

        var makers = await store.MakersAsync(row!.User is { } user ? [user] : [], CancellationToken.None);
        return (made! with { Replaces = KeyItem.FromRow(row, makers) }, null);
    }

    /// <summary>Revokes a key: no request after this gets in with it here, and none a second later elsewhere.</summary>
    public async Task<Problem?> RevokeAsync(HttpContext context, Caller caller, string id)
    {
        var now = time.GetUtcNow();
        var (_, refusal) = await ChangeAsync(context, caller, id, now, (key, _) =>
        {
            var after = key with { RevokedAt = now };
            return (new KeyChange(after, KeyAudit.Changed(key, after, now, context.Actor(), AuditActions.KeyRevoked)), null);
        });
        return refusal;
    }

    private async Task<(ApiKeyRow? Key, Problem? Refusal)> ChangeAsync(
        HttpContext context, Caller caller, string id, DateTimeOffset now, Func<ApiKeyRow, int, (KeyChange? Change, Problem? Refusal)> decide)
    {
        Problem? refusal = null;
        var found = !Guid.TryParse(id, out var key) ? null : await store.ChangeAsync(caller.Account, key, now, Decide, context.RequestAborted);
        if (found is not { } changed)
        {
            return (null, s_unknown);
        }

        // The change is durable: from here on nobody may stop half-way. Also where nothing changed now: a revocation whose process could not say
        // so is asked for again.
        var digest = KeyDigest.Of(changed.Sha256);
        await calls.RepeatAsync<IApiKeyGrain>(digest.ToHash().Value, grain => grain.RefreshAsync());
        known.Forget(digest);
        return (changed.Key, refusal);

        KeyChange? Decide(ApiKeyRow row, int live)
        {
            if (row.RevokedAt is not null)
            {
                refusal = s_unknown;
                return null;
            }

            if (caller.Role < AccountRole.Admin && row.User != caller.User)
            {
                refusal = s_ofAnother;
                return null;
            }

            (var change, refusal) = decide(row, live);
            return change;
        }
    }

    private static Problem? Unrotatable(ApiKeyRow key, int live, DateTimeOffset now, TimeSpan overlap) =>
        key.RotatedTo is { } successor ? Problems.Conflict("already-rotated", $"The API key was rotated before: {successor:N} took its place.")
        : !key.IsLive(now) ? Problems.Conflict("expired-key", "The API key has expired; move its expires_at first, or make another.")
        : overlap > TimeSpan.Zero && live >= MaxKeys ? s_tooMany
        : null;

    private static Problem RotatedKeyEnds() => Problems.Invalid(
    [
        new Fault(
            "expires_at", FaultCodes.OutOfRange, $"expires_at of a key that was rotated must be within {KeyForm.LongestOverlap.TotalDays:0} days: another has taken its place."),
    ]);

    private static bool IsSame(ApiKeyRow one, ApiKeyRow other) =>
        one.Name == other.Name && one.ExpiresAt == other.ExpiresAt && KeyAudit.Same(one.Scopes, other.Scopes) && KeyAudit.Same(one.AllowedIps, other.AllowedIps);

    private static (NewApiKey Row, ApiKeyText Text) Prepare(AccountId account, UserId user, KeyTerms terms, DateTimeOffset now)
    {
        var text = ApiKeyText.Generate();
        var row = new NewApiKey(
            Guid.CreateVersion7(now), account, user, Convert.FromHexString(text.Hash().Value), text.DisplayPrefix, terms.Name, terms.Scopes, now)
        {
            ExpiresAt = terms.ExpiresAt,
            AllowedIps = terms.AllowedIps,
        };
        return (row, text);
    }
}
