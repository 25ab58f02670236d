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

    /// <summary>By the wall clock, for people.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>By the wall clock at the grant or the last extension, for people.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>By the <see cref="HoldClock"/>.</summary>
    public required DateTimeOffset Granted { get; init; }

    /// <summary>By the <see cref="HoldClock"/>: what decides.</summary>
    public required DateTimeOffset Expiry { get; set; }

    public string? Key { get; init; }

    public string? Digest { get; init; }

    public HoldStatus Status { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The event that came last to settle it: where that turns out to have landed before, it has settled it.</summary>
    public string? SettlingEvent { get; set; }

    /// <summary>How often that event is on its way to the ledger now. Until its outcome is known the hold does not expire.</summary>
    public int InFlight { get; set; }

    /// <summary>Every cap that its labels match, whether it can deny or not.</summary>
    public CapHolds[] Caps { get; set; } = [];

    public HoldState ToState() => new(Id, Labels, Amount, GrantedAt, ExpiresAt, Status, EndedAt);

    public StoredHold ToRow(TimeSpan left, DateTimeOffset wall) =>
        new(Id, Labels, Amount, GrantedAt, wall + left, Key, Digest, SettlingEvent);
}
