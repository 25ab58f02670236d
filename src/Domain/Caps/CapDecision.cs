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

    /// <summary>What a new hold may take at most: limit − spent − held, negative where calls cost more than was left.</summary>
    public Usd Headroom => Cap.Limit - Spent - Held;

    /// <summary>This cap alone denies a call.</summary>
    public bool Denies => IsExceeded && Cap.Enforcement == CapEnforcement.HardBlock;
}

/// <summary>The answer to a check: whether a call may go ahead, and the hard caps that say no.</summary>
/// <param name="Allowed">The call may go ahead.</param>
/// <param name="Exceeded">Every hard-block cap whose spend has reached its limit; empty where the call is allowed.</param>
/// <param name="Message">One or two sentences for people; the SDKs print them.</param>
public sealed record CapDecision(bool Allowed, ImmutableArray<CapStanding> Exceeded, string Message)
{
    /// <summary>The one answer of every check that is allowed.</summary>
    public static CapDecision Allow { get; } = new(Allowed: true, [], "Within all spending caps.");

    /// <summary>Decides over the caps that match a call. Only a hard-block cap can deny; a cap that only alerts is never in the answer.</summary>
    public static CapDecision Of(params ReadOnlySpan<CapStanding> matched)
    {
        ImmutableArray<CapStanding>.Builder? exceeded = null;
        foreach (var standing in matched)
        {
            if (standing.Denies)
            {
                exceeded ??= ImmutableArray.CreateBuilder<CapStanding>();
                exceeded.Add(standing);
            }
        }

        return exceeded is null ? Allow : new CapDecision(Allowed: false, exceeded.ToImmutable(), Sentence(exceeded));
    }

    private static string Sentence(ImmutableArray<CapStanding>.Builder exceeded)
    {
        var first = exceeded[0];
        var others = exceeded.Count switch
        {
            1 => "",
            2 => " 1 other cap is exceeded too.",
            _ => $" {exceeded.Count - 1} other caps are exceeded too.",
        };
        return $"Blocked by the {first.Cap.Period.ToWire()} cap on {Subject(first.Cap)}: ${first.Spent} of ${first.Cap.Limit} spent.{others}";
    }

    private static string Subject(Cap cap) => cap.Scope.Type == CapType.Global
        ? "all calls"
        : cap.Scope.SubScope == CapSubScope.None
            ? $"{cap.Scope.Type.ToWire()} {cap.TargetName}"
            : $"{cap.Scope.Type.ToWire()} {cap.TargetName} with {cap.Scope.SubScope.ToWire()} {cap.SubTargetName}";
}
