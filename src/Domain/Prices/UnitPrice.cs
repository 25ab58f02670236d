namespace LlmObserve.Domain.Prices;

/// <summary>
/// So many US dollars for <see cref="Per"/> of something: 0.006 for 60 seconds. Exact: at most 18 decimals, and <see cref="Per"/> divides
/// <see cref="CommonPer"/>, so that the sum of any prices has one whole denominator.
/// </summary>
public readonly record struct UnitPrice
{
    /// <summary>Every allowed <see cref="Per"/> divides it: 1, 60, 1,000, 3,600, 1,000,000 and what lies between.</summary>
    public const int CommonPer = 9_000_000;

    /// <summary>The finest public price has 17 decimals (0.08333333333333334); a finer one is refused, never rounded.</summary>
    public const int MaxDecimals = 18;

    /// <summary>No unit of any service costs more than this; a larger figure is a slip in the data.</summary>
    public const decimal MaxUsd = 1_000_000m;

    private UnitPrice(decimal usd, int per)
    {
        Usd = usd;
        Per = per;
        var bits = decimal.GetBits(usd);
        var mantissa = ((Int128)(uint)bits[2] << 64) | ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
        for (var i = usd.Scale; i < MaxDecimals; i++)
        {
            mantissa *= 10;
        }

        Scaled = mantissa * (CommonPer / per);
    }

    /// <summary>US dollars for <see cref="Per"/> units.</summary>
    public decimal Usd { get; }

    public int Per { get; }

    /// <summary>The price of one unit in 10⁻¹⁸ USD ÷ <see cref="CommonPer"/>.</summary>
    internal Int128 Scaled { get; }

    public static UnitPrice Of(decimal usd, int per) =>
        TryCreate(usd, per, out var price, out var fault) ? price : throw new ArgumentOutOfRangeException(nameof(usd), fault);

    /// <summary>False with a sentence where the price cannot be held exactly or is out of range.</summary>
    public static bool TryCreate(decimal usd, int per, out UnitPrice price, out string fault)
    {
        price = default;
        fault = "";
        var trimmed = usd / 1.0000000000000000000000000000m;
        if (trimmed is < 0 or > MaxUsd)
        {
            fault = $"the price {usd} is outside 0 to {MaxUsd} USD";
        }
        else if (trimmed.Scale > MaxDecimals)
        {
            fault = $"the price {usd} has more than {MaxDecimals} decimals";
        }
        else if (per < 1 || CommonPer % per != 0)
        {
            fault = $"a price per {per} cannot be held exactly: the number must divide {CommonPer}";
        }
        else
        {
            price = new UnitPrice(trimmed, per);
        }

        return fault.Length == 0;
    }

    public override string ToString() => Per == 1 ? $"{Usd} USD" : $"{Usd} USD / {Per:#,0}";
}
