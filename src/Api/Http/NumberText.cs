using System.Globalization;

namespace LlmObserve.Api.Http;

/// <summary>Why a JSON number is not the number that is wanted.</summary>
internal enum NumberFault
{
    None = 0,
    Negative,
    TooLarge,
    NotWhole,
}

/// <summary>Reads JSON numbers in decimal, never through binary floating point: <c>12</c>, <c>12.0</c>, <c>1.2e1</c>.</summary>
internal static class NumberText
{
    /// <summary>So many digits always fit a long.</summary>
    private const int SafeDigits = 18;

    /// <summary>A whole number from 0 to <paramref name="max"/>.</summary>
    public static NumberFault ReadWhole(ReadOnlySpan<byte> text, long max, out long value)
    {
        value = 0;
        if (text.Length <= SafeDigits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            foreach (var digit in text)
            {
                value = (value * 10) + (digit - '0');
            }

            return value <= max ? NumberFault.None : NumberFault.TooLarge;
        }

        var fault = ReadDecimal(text, max, out var number);
        if (fault != NumberFault.None)
        {
            return fault;
        }

        value = (long)number;
        return decimal.IsInteger(number) ? NumberFault.None : NumberFault.NotWhole;
    }

    /// <summary>A number from 0 to <paramref name="max"/>; digits beyond the 28th are rounded.</summary>
    public static NumberFault ReadDecimal(ReadOnlySpan<byte> text, decimal max, out decimal value)
    {
        // A number that decimal cannot hold is huge: what is too small becomes zero.
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return text[0] == (byte)'-' ? NumberFault.Negative : NumberFault.TooLarge;
        }

        return value < 0 ? NumberFault.Negative : value > max ? NumberFault.TooLarge : NumberFault.None;
    }
}
