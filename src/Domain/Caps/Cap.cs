using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>A spending limit: scope × period × limit × enforcement.</summary>
public sealed record Cap
{
    public required CapId Id { get; init; }

    public required AccountId Account { get; init; }

    public required CapScope Scope { get; init; }

    /// <summary>The target as the user typed it; empty for a global cap.</summary>
    public required string TargetName { get; init; }

    /// <summary>The sub-target as the user typed it; empty where there is none.</summary>
    public string SubTargetName { get; init; } = "";

    /// <summary>In US dollars; greater than zero.</summary>
    public required Usd Limit { get; init; }

    public required CapPeriod Period { get; init; }

    public required CapEnforcement Enforcement { get; init; }

    /// <summary>Fractions of the limit at which an alert is due, ascending: 0.8 is 80 %. The last is always 1.</summary>
    public required ImmutableArray<decimal> Thresholds { get; init; }

    public string? AlertEmail { get; init; }

    public bool Enabled { get; init; } = true;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
