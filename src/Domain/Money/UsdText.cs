using System.Numerics;

namespace LlmObserve.Domain.Money;

/// <summary>
/// Reads decimal text into nano-dollars and writes it back, for UTF-8 and for chars, in integers only. Raw samples:
/// <c>0</c>, <c>-0.5</c>, <c>12.000000001</c>, <c>1.5e-7</c>, <c>0.008754999999999999</c>, <c>1E+3</c>.
/// </summary>
internal static class UsdText
{
    /// <summary>The longest text that <see cref="TryWrite{T}"/> makes: sign, ten digits, point, nine digits.</summary>
    public const int MaxLength = 21;

    /// <summary>Decimals of a nano-dollar.</summary>
    private const int Decimals = 9;

    /// <summary>Significant digits kept while reading; nineteen always fit a <see cref="ulong"/>. What follows is kept as a rounding hint.</summary>
    private const int KeptDigits = 19;

    /// <summary>Where the exponent stops growing: far beyond the length of any string, so that <c>0.0…01e…</c> stays exact before it.</summary>
    private const long ExponentCeiling = 1_000_000_000_000;

    private const ulong NanosPerDollar = 1_000_000_000;

    private static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1,
        10,
        100,
        1_000,
        10_000,
        100_000,
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        10_000_000_000,
        100_000_000_000,
        1_000_000_000_000,
        10_000_000_000_000,
        100_000_000_000_000,
        1_000_000_000_000_000,
        10_000_000_000_000_000,
        100_000_000_000_000_000,
        1_000_000_000_000_000_000,
        10_000_000_000_000_000_000,
    ];

    /// <summary>Reads JSON's number grammar. Rounds once, half to even, unless <paramref name="exact"/> refuses to round.</summary>
    public static UsdFault Read<T>(ReadOnlySpan<T> text, bool exact, out long nanos)
        where T : unmanaged, IBinaryInteger<T>
    {
        nanos = 0;
        if (!TryScan(text, out var number))
        {
            return UsdFault.Malformed;
        }

        if (number.Digits == 0)
        {
            return UsdFault.None;
        }

        // The amount in nanos is Digits × 10^shift, and a little more where digits were dropped.
        var shift = number.Exponent + Decimals;
        ulong magnitude;
        if (shift > 0)
        {
            // Dropped digits mean at least 10^18 before the shift: no such number is in range.
            if (number.AnyDropped || shift >= KeptDigits || number.Digits > ulong.MaxValue / PowersOfTen[(int)shift])
            {
                return UsdFault.OutOfRange;
            }

            magnitude = number.Digits * PowersOfTen[(int)shift];
        }
        else
        {
            magnitude = Shrink(number, -shift, out var inexact);
            if (exact && inexact)
            {
                return magnitude > long.MaxValue ? UsdFault.OutOfRange : UsdFault.TooPrecise;
            }
        }

        if (magnitude > (number.Negative ? 1UL << 63 : long.MaxValue))
        {
            return UsdFault.OutOfRange;
        }

        nanos = number.Negative ? unchecked((long)(0 - magnitude)) : (long)magnitude;
        return UsdFault.None;
    }

    /// <summary>Writes up to nine decimals, no exponent, no trailing zeros.</summary>
    public static bool TryWrite<T>(long nanos, Span<T> destination, out int written)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<T> buffer = stackalloc T[MaxLength];
        var start = MaxLength;
        var magnitude = nanos < 0 ? 0 - unchecked((ulong)nanos) : (ulong)nanos;
        var (dollars, fraction) = Math.DivRem(magnitude, NanosPerDollar);

        if (fraction != 0)
        {
            var decimals = Decimals;
            while (fraction % 10 == 0)
            {
                fraction /= 10;
                decimals--;
            }

            for (; decimals > 0; decimals--, fraction /= 10)
            {
                buffer[--start] = T.CreateTruncating('0' + (fraction % 10));
            }

            buffer[--start] = T.CreateTruncating('.');
        }

        do
        {
            buffer[--start] = T.CreateTruncating('0' + (dollars % 10));
            dollars /= 10;
        }
        while (dollars != 0);

        if (nanos < 0)
        {
            buffer[--start] = T.CreateTruncating('-');
        }

        var text = buffer[start..];
        written = text.TryCopyTo(destination) ? text.Length : 0;
        return written != 0;
    }

    /// <summary>Digits ÷ 10^<paramref name="places"/>, rounded half to even with the dropped digits in view.</summary>
    private static ulong Shrink(in Scanned number, long places, out bool inexact)
    {
        if (places > KeptDigits)
        {
            // Below 0.1 nano.
            inexact = true;
            return 0;
        }

        ulong quotient;
        int againstHalf;
        if (places == 0)
        {
            quotient = number.Digits;
            inexact = number.AnyDropped;
            againstHalf = number.FirstDropped != 5 ? number.FirstDropped.CompareTo(5u) : number.MoreDropped ? 1 : 0;
        }
        else
        {
            var divisor = PowersOfTen[(int)places];
            (quotient, var remainder) = Math.DivRem(number.Digits, divisor);
            inexact = remainder != 0 || number.AnyDropped;
            againstHalf = remainder.CompareTo(divisor / 2);
            if (againstHalf == 0 && number.AnyDropped)
            {
                againstHalf = 1;
            }
        }

        return againstHalf > 0 || (againstHalf == 0 && (quotient & 1) == 1) ? quotient + 1 : quotient;
    }

    private static bool TryScan<T>(ReadOnlySpan<T> text, out Scanned number)
        where T : unmanaged, IBinaryInteger<T>
    {
        number = default;
        var at = 0;
        if (text.Length > 0 && text[0] == T.CreateTruncating('-'))
        {
            number.Negative = true;
            at = 1;
        }

        var first = at;
        Digits(text, ref at, ref number, isFraction: false);
        var leadingZero = at > first + 1 && text[first] == T.CreateTruncating('0');
        if (at == first || leadingZero)
        {
            return false;
        }

        if (at < text.Length && text[at] == T.CreateTruncating('.'))
        {
            first = ++at;
            Digits(text, ref at, ref number, isFraction: true);
            if (at == first)
            {
                return false;
            }
        }

        if (at < text.Length && (text[at] | T.CreateTruncating(0x20)) == T.CreateTruncating('e'))
        {
            at++;
            if (!TryScanExponent(text, ref at, out var exponent))
            {
                return false;
            }

            number.Exponent += exponent;
        }

        return at == text.Length;
    }

    private static void Digits<T>(ReadOnlySpan<T> text, ref int at, ref Scanned number, bool isFraction)
        where T : unmanaged, IBinaryInteger<T>
    {
        var i = at;
        var digits = number.Digits;
        long kept = 0;
        long dropped = 0;
        for (; i < text.Length; i++)
        {
            var digit = Digit(text[i]);
            if (digit > 9)
            {
                break;
            }

            // Below 10^18 one more digit still makes at most nineteen.
            if (digits < 1_000_000_000_000_000_000)
            {
                digits = (digits * 10) + digit;
                kept++;
            }
            else
            {
                Drop(ref number, digit);
                dropped++;
            }
        }

        at = i;
        number.Digits = digits;
        number.Exponent += isFraction ? -kept : dropped;
    }

    private static void Drop(ref Scanned number, uint digit)
    {
        if (number.DroppedSeen)
        {
            number.MoreDropped |= digit != 0;
        }
        else
        {
            number.DroppedSeen = true;
            number.FirstDropped = digit;
        }
    }

    private static bool TryScanExponent<T>(ReadOnlySpan<T> text, ref int at, out long exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        exponent = 0;
        var negative = at < text.Length && text[at] == T.CreateTruncating('-');
        if (negative || (at < text.Length && text[at] == T.CreateTruncating('+')))
        {
            at++;
        }

        var first = at;
        for (; at < text.Length; at++)
        {
            var digit = Digit(text[at]);
            if (digit > 9)
            {
                break;
            }

            exponent = Math.Min((exponent * 10) + digit, ExponentCeiling);
        }

        exponent = negative ? -exponent : exponent;
        return at > first;
    }

    private static uint Digit<T>(T unit)
        where T : unmanaged, IBinaryInteger<T> => uint.CreateTruncating(unit) - '0';

    /// <summary>Digits × 10^Exponent, and the digits after the nineteenth significant one as far as rounding asks.</summary>
    private struct Scanned
    {
        public ulong Digits;
        public long Exponent;
        public uint FirstDropped;
        public bool DroppedSeen;
        public bool MoreDropped;
        public bool Negative;

        public readonly bool AnyDropped => FirstDropped != 0 || MoreDropped;
    }
}
