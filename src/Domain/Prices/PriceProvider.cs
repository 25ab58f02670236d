using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>A provider that the book has prices of.</summary>
public sealed record PriceProvider
{
    /// <summary>Canonical, lower case.</summary>
    public required string Id { get; init; }

    /// <summary>Other names that clients send for it. Case, <c>-</c>, <c>_</c> and blanks do not matter.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Which other names mean it, tried after every id and alias.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>Which model names are this provider's own, where only a model is named.</summary>
    public MatchRule? ModelMatch { get; init; }

    /// <summary>Providers whose models it also serves at their prices, in order; one step only.</summary>
    public ImmutableArray<string> Fallback { get; init; } = [];
}
