using System.Numerics;
using System.Text.Json.Serialization;

namespace LlmObserve.Domain.Money;

/// <summary>
/// An amount of US dollars in whole nano-dollars (10⁻⁹ USD). Arithmetic is checked: it throws <see cref="OverflowException"/> rather than
/// wraps. Text and JSON are decimal, never through binary floating point.
/// </summary>
[JsonConverter(typeof(UsdJsonConverter))]
public readonly partial record struct Usd(long Nanos) : IComparable<Usd>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>Nano-dollars in a dollar.</summary>
    public const long NanosPerDollar = 1_000_000_000;

    /// <summary>The longest text of an amount, in chars or in bytes.</summary>
    public const int MaxTextLength = UsdText.MaxLength;

    public static readonly Usd Zero;

    /// <summary>9,223,372,036.854775807 dollars.</summary>
    public static readonly Usd MaxValue = new(long.MaxValue);

    public static readonly Usd MinValue = new(long.MinValue);

    public bool IsZero => Nanos == 0;

    public bool IsNegative => Nanos < 0;

    public static Usd operator +(Usd a, Usd b) => new(checked(a.Nanos + b.Nanos));

    public static Usd operator -(Usd a, Usd b) => new(checked(a.Nanos - b.Nanos));

    public static Usd operator -(Usd a) => new(checked(-a.Nanos));

    public static Usd operator *(Usd a, long times) => new(checked(a.Nanos * times));

    public static bool operator <(Usd a, Usd b) => a.Nanos < b.Nanos;

    public static bool operator >(Usd a, Usd b) => a.Nanos > b.Nanos;

    public static bool operator <=(Usd a, Usd b) => a.Nanos <= b.Nanos;

    public static bool operator >=(Usd a, Usd b) => a.Nanos >= b.Nanos;

    public static Usd Min(Usd a, Usd b) => a.Nanos <= b.Nanos ? a : b;

    public static Usd Max(Usd a, Usd b) => a.Nanos >= b.Nanos ? a : b;

    /// <summary>Whole dollars. Throws <see cref="OverflowException"/> beyond the range.</summary>
    public static Usd FromDollars(long dollars) => new(checked(dollars * NanosPerDollar));

    /// <summary>Dollars, rounded once, half to even, to a nano-dollar. Throws <see cref="OverflowException"/> beyond the range.</summary>
    public static Usd FromDollars(decimal dollars) => FromDollars(1).Times(dollars);

    /// <summary>The sum. Throws <see cref="OverflowException"/> where it leaves the range, whatever the order of the amounts.</summary>
    public static Usd Sum(params ReadOnlySpan<Usd> amounts)
    {
        Int128 total = 0;
        foreach (var amount in amounts)
        {
            total += amount.Nanos;
        }

        return new Usd(checked((long)total));
    }

    /// <summary>The sum. Throws <see cref="OverflowException"/> where it leaves the range, whatever the order of the amounts.</summary>
    public static Usd Sum(IEnumerable<Usd> amounts)
    {
        Int128 total = 0;
        foreach (var amount in amounts)
        {
            total += amount.Nanos;
        }

        return new Usd(checked((long)total));
    }

    public int CompareTo(Usd other) => Nanos.CompareTo(other.Nanos);

    /// <summary>Dollars, exactly.</summary>
    public decimal ToDecimal() => new decimal(Nanos) / NanosPerDollar;

    /// <summary>
    /// This share of the amount, rounded once, half to even. Throws <see cref="OverflowException"/> where the product leaves the range.
    /// </summary>
    public Usd Times(decimal factor)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(factor, parts);
        var mantissa = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        var places = (parts[3] >> 16) & 0xFF;
        var negative = (parts[3] < 0) != (Nanos < 0);
        var magnitude = Nanos < 0 ? 0 - unchecked((ulong)Nanos) : (ulong)Nanos;

        // 64 by 64 bits always fits; a factor of more than nineteen digits is no price and no discount, so it may cost an allocation.
        var rounded = mantissa <= ulong.MaxValue
            ? DivideHalfEven(magnitude * mantissa, places)
            : DivideHalfEven(new BigInteger(magnitude) * (BigInteger)mantissa, places);
        return new Usd(negative ? checked((long)-(Int128)rounded) : checked((long)rounded));
    }

    /// <summary>How many percent of <paramref name="whole"/> this is: 80 for 80 %. Zero where the whole is zero.</summary>
    public decimal PercentOf(Usd whole) => whole.IsZero ? 0 : new decimal(Nanos) * 100 / whole.Nanos;

    private static UInt128 DivideHalfEven(UInt128 value, int places)
    {
        UInt128 divisor = 1;
        for (var i = 0; i < places; i++)
        {
            divisor *= 10;
        }

        var (quotient, remainder) = UInt128.DivRem(value, divisor);
        var againstHalf = remainder.CompareTo(divisor - remainder);
        return againstHalf > 0 || (againstHalf == 0 && UInt128.IsOddInteger(quotient)) ? quotient + 1 : quotient;
    }

    private static UInt128 DivideHalfEven(BigInteger value, int places)
    {
        var divisor = BigInteger.Pow(10, places);
        var quotient = BigInteger.DivRem(value, divisor, out var remainder);
        var againstHalf = remainder.CompareTo(divisor - remainder);
        return checked((UInt128)(againstHalf > 0 || (againstHalf == 0 && !quotient.IsEven) ? quotient + 1 : quotient));
    }
}
