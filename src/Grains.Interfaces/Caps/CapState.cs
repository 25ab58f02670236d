using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Caps;

/// <summary>A cap with the totals of its current period.</summary>
/// <param name="Cap">The definition.</param>
/// <param name="PeriodStart">First instant of the current period, UTC.</param>
/// <param name="PeriodEnd">First instant of the next period, UTC.</param>
/// <param name="Spent">Settled in the current period.</param>
/// <param name="Held">Set aside for calls in flight.</param>
/// <param name="Overrun">What calls of the current period cost above their holds; part of spent.</param>
/// <param name="ExceededAt">When spent reached the limit in the current period; null where it has not.</param>
/// <param name="Stale">The totals are from memory while the ledger cannot be read.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-state")]
public sealed record CapState(
    Cap Cap,
    DateTimeOffset PeriodStart,
    DateTimeOffset PeriodEnd,
    Usd Spent,
    Usd Held,
    Usd Overrun,
    DateTimeOffset? ExceededAt,
    bool Stale);

/// <summary>What to change in a cap; null leaves a value as it is.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-change")]
public sealed record CapChange
{
    [Id(0)]
    public Usd? Limit { get; init; }

    [Id(1)]
    public ImmutableArray<decimal>? Thresholds { get; init; }

    [Id(2)]
    public string? AlertEmail { get; init; }

    [Id(3)]
    public CapEnforcement? Enforcement { get; init; }

    [Id(4)]
    public bool? Enabled { get; init; }

    /// <summary>True: the address is removed (an explicit null on the wire).</summary>
    [Id(5)]
    public bool ClearAlertEmail { get; init; }
}

/// <summary>How a change to a cap ended.</summary>
public enum CapAnswerKind
{
    Done,
    NotFound,

    /// <summary>The account has as many caps as it may have.</summary>
    TooMany,
}

/// <summary>The answer to a change; <paramref name="State"/> is set where it was done and the cap still exists.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-answer")]
public sealed record CapAnswer(CapAnswerKind Kind, CapState? State);
