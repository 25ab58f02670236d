using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>An endpoint that an entry is for, and the unit that one call to it counts as where the call states no quantity.</summary>
public readonly record struct PriceEndpoint(string Name, PriceKind? PerCall);

/// <summary>The prices of one model or service of one provider.</summary>
public sealed record PriceEntry
{
    /// <summary><c>provider/model</c>, unique in the book; what an event keeps to say what priced it.</summary>
    public required string Id { get; init; }

    /// <summary>Canonical provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Canonical model: the name that caps and rollups use.</summary>
    public required string Model { get; init; }

    /// <summary>Which model names it covers; null for an entry that is found by its endpoint alone.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>
    /// The endpoints it is limited to; empty for any. The name <c>streaming</c> also stands for every streamed call.
    /// </summary>
    public ImmutableArray<PriceEndpoint> Endpoints { get; init; } = [];

    /// <summary>The unit that one call counts as where the call states no quantity and its endpoint says nothing else.</summary>
    public PriceKind? PerCall { get; init; }

    /// <summary>Its prices also hold for what any call to this provider used beside its model, as web searches are.</summary>
    public bool AnyCall { get; init; }

    /// <summary>The last that holds at the time of the call applies.</summary>
    public required ImmutableArray<PricePeriod> Periods { get; init; }

    /// <summary>Where the figures come from: an address that people can open.</summary>
    public required string Source { get; init; }

    /// <summary>The public data that the figures were read through, as <c>genai-prices</c>; empty where the source itself was read.</summary>
    public string Via { get; init; } = "";

    /// <summary>The day from which the source is known to say so. Periods with a date of their own are more exact.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>The prices at an instant, or null where none hold.</summary>
    public RateTable? RatesAt(DateTimeOffset at)
    {
        for (var i = Periods.Length - 1; i >= 0; i--)
        {
            if (Periods[i].Holds(at))
            {
                return Periods[i].Rates;
            }
        }

        return null;
    }
}
