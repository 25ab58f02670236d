using System.Numerics;
using System.Text.Json;

namespace LlmObserve.Domain.Tests.Prices;

/// <summary>
/// A second calculation that shares no code with the first: whole-number fractions, straight from the JSON of one entry. It is given parts
/// that do not overlap, where the program is given totals that it has to cut up.
/// </summary>
internal static class ReferencePrice
{
    private static readonly string[] PerMillion =
    [
        "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning",
        "input_audio", "output_audio", "input_image", "output_image",
    ];

    /// <summary>Nano-dollars, or null where something that was used has no price.</summary>
    public static BigInteger? Nanos(
        JsonElement entry, IReadOnlyDictionary<string, decimal> used, DateTimeOffset at, decimal discount, JsonElement? searches)
    {
        if (RatesAt(entry.GetProperty("prices"), at) is not { } rates)
        {
            return null;
        }

        var input = used.Where(part => part.Key.Split('_')[0] is "input" or "cache").Sum(part => part.Value);
        var sum = new Fraction(0, 1);
        foreach (var (kind, quantity) in used.Where(part => part.Value > 0))
        {
            var price = Price(rates, kind, input) ?? (kind == "web_searches" && searches is { } others ? Price(others, kind, input) : null);
            if (price is null)
            {
                return null;
            }

            sum += Fraction.Of(quantity.ToString()) * price;
        }

        if (rates.TryGetProperty("requests", out _) && (used.Values.Any(value => value > 0) || !rates.TryGetProperty("input", out _)))
        {
            sum += Price(rates, "requests", input)!;
        }

        return (sum * Fraction.Of(discount.ToString()) * new Fraction(1_000_000_000, 1)).RoundHalfEven();
    }

    private static JsonElement? RatesAt(JsonElement prices, DateTimeOffset at)
    {
        if (prices.ValueKind == JsonValueKind.Object)
        {
            return prices;
        }

        JsonElement? last = null;
        foreach (var period in prices.EnumerateArray())
        {
            var holds = !period.TryGetProperty("from", out var from) || at >= DateTimeOffset.Parse(from.GetString() + "T00:00:00Z");
            if (period.TryGetProperty("daily", out var daily))
            {
                var minute = (at.UtcDateTime.Hour * 60) + at.UtcDateTime.Minute;
                holds &= Minute(daily[0]) <= minute && minute < Minute(daily[1]);
            }

            if (holds)
            {
                last = period.GetProperty("rates");
            }
        }

        return last;
    }

    private static int Minute(JsonElement time) =>
        (int.Parse(time.GetString()![..2]) * 60) + int.Parse(time.GetString()![3..5]);

    private static Fraction? Price(JsonElement rates, string kind, decimal input)
    {
        var path = kind switch
        {
            "cache_write_1h" => new[] { kind, "cache_write_5m", "input" },
            "cache_read" or "cache_write_5m" or "input_audio" or "input_image" => [kind, "input"],
            "reasoning" or "output_audio" or "output_image" => [kind, "output"],
            _ => [kind],
        };
        foreach (var name in path)
        {
            if (rates.TryGetProperty(name, out var rate))
            {
                return One(rate, PerMillion.Contains(name) ? 1_000_000 : 1, input);
            }
        }

        return null;
    }

    private static Fraction One(JsonElement rate, int per, decimal input)
    {
        if (rate.ValueKind == JsonValueKind.Number)
        {
            return Fraction.Of(rate.GetRawText()) * new Fraction(1, per);
        }

        var usd = rate.GetProperty("usd").GetRawText();
        foreach (var tier in rate.TryGetProperty("tiers", out var tiers) ? tiers.EnumerateArray().ToArray() : [])
        {
            usd = input > tier.GetProperty("above").GetInt64() ? tier.GetProperty("usd").GetRawText() : usd;
        }

        return Fraction.Of(usd) * new Fraction(1, rate.TryGetProperty("per", out var own) ? own.GetInt32() : per);
    }

    private sealed record Fraction(BigInteger Top, BigInteger Bottom)
    {
        public static Fraction operator +(Fraction a, Fraction b) => new((a.Top * b.Bottom) + (b.Top * a.Bottom), a.Bottom * b.Bottom);

        public static Fraction operator *(Fraction a, Fraction b) => new(a.Top * b.Top, a.Bottom * b.Bottom);

        public static Fraction Of(string text)
        {
            var point = text.IndexOf('.');
            return point < 0
                ? new Fraction(BigInteger.Parse(text), 1)
                : new Fraction(BigInteger.Parse(text.Remove(point, 1)), BigInteger.Pow(10, text.Length - point - 1));
        }

        public BigInteger RoundHalfEven()
        {
            var floor = Top / Bottom;
            var twiceRest = 2 * (Top - (floor * Bottom));
            return twiceRest > Bottom || (twiceRest == Bottom && floor % 2 != 0) ? floor + 1 : floor;
        }
    }
}
