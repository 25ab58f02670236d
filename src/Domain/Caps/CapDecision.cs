using System.Collections.Immutable;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>Where a cap stands in its current period.</summary>
/// <param name="Cap">The cap.</param>
/// <param name="Spent">Settled in the current period.</param>
/// <param name="Held">Set aside for calls in flight; belongs to no period.</param>
/// <param name="ExceededAt">When the spend reached the limit in this period; null where it has not, or where that is not known.</param>
public readonly record struct CapStanding(Cap Cap, Usd Spent, Usd Held, DateTimeOffset? ExceededAt = null)
{
    /// <summary>The spend has reached the limit. What is held does not count.</summary>
    public bool IsExceeded => Spent >= Cap.Limit;

    /// <summary>limit − spent − held, negative where calls cost more than was left; within the range of money.</summary>
    public Usd Headroom => new((long)Int128.Max((Int128)Cap.Limit.Nanos - Spent.Nanos - Held.Nanos, long.MinValue));

    /// <summary>Only an enabled hard-block cap can deny.</summary>
    public bool CanDeny => Cap is { Enabled: true, Enforcement: CapEnforcement.HardBlock };

    /// <summary>The most that one hold may take now: the headroom, and no more than the share of the limit that one hold may have.</summary>
    /// <param name="maxHoldShare">Above 0, at most 1.</param>
    public Usd Available(decimal maxHoldShare) => Usd.Max(Usd.Zero, Usd.Min(Headroom, ShareOf(Cap.Limit, maxHoldShare)));

    /// <summary>Why this cap denies a call that may cost <paramref name="amount"/>; null where it does not. Zero asks whether there is room at all.</summary>
    public DenialKind? Denial(Usd amount, decimal maxHoldShare) =>
        !CanDeny ? null
        : IsExceeded || amount > new Usd(Cap.Limit.Nanos - Spent.Nanos) ? DenialKind.Exceeded
        : amount > ShareOf(Cap.Limit, maxHoldShare) ? DenialKind.HoldShare
        : Headroom <= Usd.Zero || amount > Headroom ? DenialKind.Held
        : null;

    /// <summary>Rounded down: a share is a bound.</summary>
    private static Usd ShareOf(Usd limit, decimal share) => new((long)decimal.Floor(limit.Nanos * share));
}

/// <summary>The answer to a check: whether a call may go ahead, and the hard caps that say no.</summary>
/// <param name="Allowed">The call may go ahead.</param>
/// <param name="Denials">Every hard-block cap that denies, and why; empty where the call is allowed.</param>
/// <param name="Message">One or two sentences for people; the SDKs print them.</param>
public sealed record CapDecision(bool Allowed, ImmutableArray<CapDenial> Denials, string Message)
{
    /// <summary>The one answer of every check that is allowed.</summary>
    public static CapDecision Allow { get; } = new(Allowed: true, [], "Within all spending caps.");

    /// <summary>The decision over the denials of the caps that match a call.</summary>
    public static CapDecision Of(ImmutableArray<CapDenial> denials) =>
        denials.IsEmpty ? Allow : new CapDecision(Allowed: false, denials, Sentence(denials));

    private static string Sentence(ImmutableArray<CapDenial> denials)
    {
        var first = denials.Gravest();
        var others = denials.Length switch
        {
            1 => "",
            2 => " 1 other cap denies it too.",
            _ => $" {denials.Length - 1} other caps deny it too.",
        };
        return $"Blocked by the {first.Standing.Cap.Period.ToWire()} cap on {Subject(first.Standing.Cap)}: {Reason(first)}.{others}";
    }

    private static string Reason(in CapDenial denial)
    {
        var (cap, spent, held) = (denial.Standing.Cap, denial.Standing.Spent, denial.Standing.Held);
        return denial.Kind switch
        {
            DenialKind.Exceeded when denial.Standing.IsExceeded => $"${spent} of ${cap.Limit} spent",
            DenialKind.Exceeded => $"${spent} of ${cap.Limit} spent, and this call may cost more than is left",
            DenialKind.Held => $"${spent} of ${cap.Limit} spent and ${held} held by calls in flight; try again when they are done",
            DenialKind.HoldShare => $"one call may hold at most ${denial.Headroom} of ${cap.Limit}",
            DenialKind.Unpriced => "this model has no price, and the account denies unpriced calls",
            _ => throw new ArgumentOutOfRangeException(nameof(denial), denial.Kind, null),
        };
    }

    private static string Subject(Cap cap) => cap.Scope.Type == CapType.Global
        ? "all calls"
        : cap.Scope.SubScope == CapSubScope.None
            ? $"{cap.Scope.Type.ToWire()} {cap.TargetName}"
            : $"{cap.Scope.Type.ToWire()} {cap.TargetName} with {cap.Scope.SubScope.ToWire()} {cap.SubTargetName}";
}
