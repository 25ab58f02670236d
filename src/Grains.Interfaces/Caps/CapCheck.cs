using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Caps;

/// <summary>Whether a call may be made.</summary>
/// <param name="Allowed">False where any matching hard cap denies.</param>
/// <param name="Stale">Decided from memory while the ledger cannot be read.</param>
/// <param name="Denials">The hard caps that deny, and why; empty where allowed.</param>
/// <param name="Message">A sentence for people; the SDKs print it.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-check")]
public sealed record CapCheck(bool Allowed, bool Stale, ImmutableArray<CapDenial> Denials, string Message)
{
    public static readonly CapCheck Free = new(true, false, [], CapDecision.Allow.Message);

    public static readonly CapCheck FreeButStale = Free with { Stale = true };

    public static CapCheck Denied(CapDecision decision, bool stale) => new(decision.Allowed, stale, decision.Denials, decision.Message);
}
