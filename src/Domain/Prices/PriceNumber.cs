using System.Numerics;
using System.Text.Json;

namespace LlmObserve.Domain.Prices;

/// <summary>Reads a JSON number exactly from its text: <c>0.08333333333333334</c> keeps every digit, <c>8e-8</c> is 0.00000008.</summary>
internal static class PriceNumber
{
    /// <summary>No price is written with more characters; a longer number is an attack or a slip.</summary>
    private const int MaxLength = 64;

    /// <summary>Beyond it a price is out of any range; bounds the work.</summary>
    private const int MaxExponent = 40;

    private static readonly BigInteger MaxMantissa = BigInteger.Pow(10, 27);

    /// <summary>False with a sentence where the element is no number or a decimal cannot hold it exactly.</summary>
    public static bool TryRead(JsonElement element, out decimal value, out string fault)
    {
        value = 0;
        if (element.ValueKind != JsonValueKind.Number)
        {
            fault = $"a number was expected, not {element.ValueKind.ToString().ToLowerInvariant()}";
            return false;
        }

        var text = element.GetRawText();
        fault = "the number is too long, too large or has too many digits to be held exactly";
        if (text.Length > MaxLength)
        {
            return false;
        }

        var e = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = 0;
        if (e >= 0 && (!int.TryParse(text.AsSpan(e + 1), out exponent) || Math.Abs(exponent) > MaxExponent))
        {
            return false;
        }

        var number = e < 0 ? text : text[..e];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var scale = (point < 0 ? 0 : number.Length - point - 1) - exponent;
        var mantissa = BigInteger.Parse(number.Replace(".", "", StringComparison.Ordinal));
        for (; scale > 0 && mantissa % 10 == 0; scale--)
        {
            mantissa /= 10;
        }

        for (; scale < 0; scale++)
        {
            mantissa *= 10;
        }

        if (scale > 28 || BigInteger.Abs(mantissa) > MaxMantissa)
        {
            return false;
        }

        var bits = decimal.GetBits((decimal)mantissa);
        value = new decimal(bits[0], bits[1], bits[2], mantissa.Sign < 0, (byte)scale);
        fault = "";
        return true;
    }
}
