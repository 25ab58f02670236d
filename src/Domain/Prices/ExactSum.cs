using System.Numerics;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// Σ quantity × price without any rounding, then one rounding to a nano-dollar, half to even. Whole quantities of everyday size stay in
/// 128 bits; fractions and hostile sizes take arbitrary precision.
/// </summary>
internal struct ExactSum
{
    /// <summary>10⁻¹⁸ USD ÷ <see cref="UnitPrice.CommonPer"/> in a nano-dollar.</summary>
    private const long PerNano = 1_000_000_000L * UnitPrice.CommonPer;

    /// <summary>A product of at most this many bits: 32 of them still fit in an Int128, and a book has fewer kinds.</summary>
    private const int FastBits = 120;

    private Int128 _fast;
    private BigInteger _big;
    private BigInteger _fraction;

    /// <summary>Denominator of <see cref="fraction"/>: the finest decimal has 28 places.</summary>
    private static readonly BigInteger FractionScale = BigInteger.Pow(10, 28);

    public void Add(long quantity, in UnitPrice price)
    {
        if (Bits(quantity) + Bits(price.Scaled) <= FastBits)
        {
            _fast += quantity * price.Scaled;
        }
        else
        {
            _big += new BigInteger(quantity) * (BigInteger)price.Scaled;
        }
    }

    public void Add(decimal quantity, in UnitPrice price)
    {
        if (decimal.IsInteger(quantity) && quantity <= long.MaxValue)
        {
            Add((long)quantity, price);
            return;
        }

        var (mantissa, scale) = Parts(quantity);
        _fraction += mantissa * BigInteger.Pow(10, 28 - scale) * (BigInteger)price.Scaled;
    }

    /// <summary>The sum times <paramref name="discount"/>; false where that is more than <see cref="Usd"/> holds.</summary>
    public readonly bool TryRound(decimal discount, out Usd cost)
    {
        if (discount == 1m && _big.IsZero && _fraction.IsZero)
        {
            var (whole, rest) = Int128.DivRem(_fast, PerNano);
            var twice = rest * 2;
            if (twice > PerNano || (twice == PerNano && Int128.IsOddInteger(whole)))
            {
                whole++;
            }

            cost = new Usd(whole > long.MaxValue ? 0 : (long)whole);
            return whole <= long.MaxValue;
        }

        var (mantissa, scale) = Parts(discount);
        var numerator = ((((BigInteger)_fast + _big) * FractionScale) + _fraction) * mantissa;
        var denominator = PerNano * FractionScale * BigInteger.Pow(10, scale);
        var nanos = BigInteger.DivRem(numerator, denominator, out var remainder);
        var order = (remainder * 2).CompareTo(denominator);
        if (order > 0 || (order == 0 && !nanos.IsEven))
        {
            nanos++;
        }

        cost = new Usd(nanos > long.MaxValue ? 0 : (long)nanos);
        return nanos <= long.MaxValue;
    }

    private static int Bits(Int128 value) => 128 - (int)Int128.LeadingZeroCount(value);

    private static (BigInteger Mantissa, int Scale) Parts(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var mantissa = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        return (mantissa, value.Scale);
    }
}
