using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Holds;

/// <summary>
/// What one activation of an account may hold on a cap at most, and until when: after a crash it counts as held until then.
/// </summary>
public readonly record struct CapCeiling(CapId Cap, Usd Amount, DateTimeOffset Until);

/// <summary>An open hold, as an account that goes to sleep leaves it for its next activation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Labels">Canonical.</param>
/// <param name="Amount">US dollars.</param>
/// <param name="GrantedAt">UTC.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="IdempotencyKey">The client's, or null.</param>
/// <param name="Digest">Of the request under that key, or null.</param>
/// <param name="SettlingEvent">The event whose commit may have settled it, where the reply was lost; or null.</param>
public sealed record StoredHold(
    HoldId Id,
    CallLabels Labels,
    Usd Amount,
    DateTimeOffset GrantedAt,
    DateTimeOffset ExpiresAt,
    string? IdempotencyKey,
    string? Digest,
    string? SettlingEvent);

/// <summary>What is in the database of an account's holds.</summary>
/// <param name="Ceilings">Those of other activations; several of one cap add up.</param>
/// <param name="Holds">Left by the last activation that ended in good order.</param>
public sealed record LoadedHolds(IReadOnlyList<CapCeiling> Ceilings, IReadOnlyList<StoredHold> Holds);

/// <summary>What calls cost above their holds, by cap and period.</summary>
public readonly record struct StoredOverrun(CapId Cap, DateTimeOffset PeriodStart, Usd Amount);
