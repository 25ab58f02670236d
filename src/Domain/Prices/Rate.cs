using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>Once a call's input is more than <see cref="Above"/> tokens, <see cref="Price"/> is for the whole call.</summary>
public readonly record struct RateTier(long Above, UnitPrice Price);

/// <summary>The price of one kind: a base and, for some, tiers by the call's total input, ascending.</summary>
public sealed class Rate(UnitPrice basePrice, ImmutableArray<RateTier> tiers)
{
    public UnitPrice Base { get; } = basePrice;

    public ImmutableArray<RateTier> Tiers { get; } = [.. tiers.OrderBy(tier => tier.Above)];

    public static Rate Flat(decimal usd, int per) => new(UnitPrice.Of(usd, per), []);

    public bool IsFree => Base.Usd == 0 && Tiers.All(tier => tier.Price.Usd == 0);

    public UnitPrice At(long totalInput)
    {
        for (var i = Tiers.Length - 1; i >= 0; i--)
        {
            if (totalInput > Tiers[i].Above)
            {
                return Tiers[i].Price;
            }
        }

        return Base;
    }
}

/// <summary>Prices by kind, immutable.</summary>
public sealed class RateTable
{
    public static readonly RateTable Empty = new([]);

    private readonly Rate?[] _rates = new Rate?[PriceKinds.Count];

    public RateTable(IEnumerable<KeyValuePair<PriceKind, Rate>> rates, decimal? percentOfAmount = null)
    {
        foreach (var (kind, rate) in rates)
        {
            _rates[(int)kind] = rate;
        }

        PercentOfAmount = percentOfAmount;
        IsFree = (percentOfAmount ?? 0) == 0 && Kinds.Any() && Kinds.All(kind => _rates[(int)kind]!.IsFree);
    }

    /// <summary>
    /// A share of the amount that the call moves (2.9 for 2.9 %). No event states that amount, so such a call cannot be priced by the book.
    /// </summary>
    public decimal? PercentOfAmount { get; }

    /// <summary>There are prices and all of them are zero.</summary>
    public bool IsFree { get; }

    public Rate? this[PriceKind kind] => _rates[(int)kind];

    /// <summary>The kinds that have a price, in the order of <see cref="PriceKind"/>.</summary>
    public IEnumerable<PriceKind> Kinds => Enum.GetValues<PriceKind>().Where(kind => _rates[(int)kind] is not null);
}
