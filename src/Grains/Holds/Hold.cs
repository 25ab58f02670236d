using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Storage.Holds;

namespace LlmObserve.Grains.Holds;

/// <summary>One hold in its account's memory.</summary>
internal sealed class Hold
{
    public required HoldId Id { get; init; }

    public required CallLabels Labels { get; init; }

    public required Usd Amount { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>It is over when the wall clock shows this…</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>…or when this has passed. Both on <see cref="HoldClock"/>.</summary>
    public required TimeSpan Deadline { get; set; }

    /// <summary>When it was granted, in time passed; negative where an earlier activation granted it.</summary>
    public required TimeSpan Granted { get; init; }

    public string? Key { get; init; }

    public string? Digest { get; init; }

    public HoldStatus Status { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The event that came last to settle it: where that turns out to have landed before, it has settled it.</summary>
    public string? SettlingEvent { get; set; }

    /// <summary>How often that event is on its way to the ledger now. Until its outcome is known the hold does not expire.</summary>
    public int InFlight { get; set; }

    /// <summary>Its caller gave it back meanwhile: it ends when that outcome is known.</summary>
    public bool IsGivenBack { get; set; }

    public HoldState ToState() => new(Id, Labels, Amount, GrantedAt, ExpiresAt, Status, EndedAt);

    public StoredHold ToRow(HoldTime now)
    {
        var left = Deadline - now.Passed;
        return new(Id, Labels, Amount, GrantedAt, now.Wall + left < ExpiresAt ? now.Wall + left : ExpiresAt, Key, Digest, SettlingEvent);
    }

    public static Hold FromRow(StoredHold stored, HoldTime now) => new()
    {
        Id = stored.Id,
        Labels = stored.Labels,
        Amount = stored.Amount,
        GrantedAt = stored.GrantedAt,
        ExpiresAt = stored.ExpiresAt,
        Deadline = now.Passed + (stored.ExpiresAt - now.Wall),
        Granted = now.Passed - (now.Wall - stored.GrantedAt),
        Key = stored.IdempotencyKey,
        Digest = stored.Digest,
        SettlingEvent = stored.SettlingEvent,
    };
}
