using System.Globalization;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Web.Formats;

/// <summary>How figures look on every page. What is rounded here is exact in the <c>value</c> of its element.</summary>
internal static class Show
{
    /// <summary>What stands where there is no figure.</summary>
    public const string Nothing = "–";

    /// <summary>Below a dollar the first digits that say anything, as many as these; cents at least.</summary>
    private const int SmallDigits = 3;

    private const int Cents = 2;

    private static readonly (decimal From, string Sign)[] s_sizes = [(1_000_000_000m, "B"), (1_000_000m, "M"), (10_000m, "k")];

    /// <summary>Dollars: <c>$1,234.56</c>, <c>$0.0123</c>, <c>$0.000012</c>.</summary>
    public static string Money(Usd amount)
    {
        var dollars = decimal.Abs(Dollars(amount));
        var sign = amount.IsNegative ? "−" : "";
        return $"{sign}${dollars.ToString($"N{Decimals(dollars)}", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Dollars for an axis: <c>$1.2k</c>.</summary>
    public static string ShortMoney(Usd amount)
    {
        var dollars = Dollars(amount);
        var text = decimal.Abs(dollars) >= 10_000m ? $"{(dollars < 0 ? "−" : "")}${Short(decimal.Abs(dollars))}" : Money(amount);
        return text.EndsWith(".00", StringComparison.Ordinal) ? text[..^3] : text;
    }

    /// <summary>Every digit: <c>1234.560000001</c>.</summary>
    public static string Exact(Usd amount) => amount.ToString();

    /// <summary>A count: <c>9,999</c>, <c>12.3k</c>, <c>4.57M</c>.</summary>
    public static string Count(long count) => decimal.Abs(count) >= 10_000m ? Short(count) : Whole(count);

    /// <summary>A count with all digits: <c>12,345</c>.</summary>
    public static string Whole(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A latency, or how long a run took: <c>85 ms</c>, <c>1.24 s</c>, <c>2 min 5 s</c>, <c>3 h 20 min</c>.</summary>
    public static string Duration(decimal? milliseconds) => milliseconds switch
    {
        null => Nothing,
        < 999.5m => $"{decimal.Round(milliseconds.Value)} ms",
        < 59_995 => $"{(milliseconds.Value / 1_000).ToString("0.##", CultureInfo.InvariantCulture)} s",
        < 3_599_500 => Two(decimal.Round(milliseconds.Value / 1_000), 60, "min", "s"),
        _ => Two(decimal.Round(milliseconds.Value / 60_000), 60, "h", "min"),
    };

    /// <summary>Percent as the API gives it: <c>25 %</c>, <c>0.4 %</c>, <c>&lt; 0.1 %</c>.</summary>
    public static string Percent(decimal percent) => percent switch
    {
        0 => "0 %",
        > 0 and < 0.1m => "< 0.1 %",
        > -10 and < 10 => $"{percent.ToString("0.#", CultureInfo.InvariantCulture)} %",
        _ => $"{percent.ToString("N0", CultureInfo.InvariantCulture)} %",
    };

    /// <summary>The part of a whole in percent.</summary>
    public static string Share(long part, long whole) => whole == 0 ? Nothing : Percent(100m * part / whole);

    /// <summary>A moment in the account's zone: <c>21 Nov 2026, 14:03:05</c>.</summary>
    public static string Moment(DateTimeOffset at, AccountZone zone) =>
        zone.ToLocal(at).ToString("d MMM yyyy, HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A moment without seconds: <c>21 Nov, 14:03</c>.</summary>
    public static string Minute(DateTimeOffset at, AccountZone zone) => zone.ToLocal(at).ToString("d MMM, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A moment with milliseconds: <c>21 Nov 2026, 14:03:05.120</c>.</summary>
    public static string Instant(DateTimeOffset at, AccountZone zone) =>
        zone.ToLocal(at).ToString("d MMM yyyy, HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>A day: <c>21 Nov 2026</c>.</summary>
    public static string Day(DateTimeOffset at, AccountZone zone) => zone.ToLocal(at).ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A stretch of whole hours or days: <c>1 Nov 2026 to 21 Nov 2026</c>, or until now.</summary>
    public static string Window(DateTimeOffset from, DateTimeOffset to, AccountZone zone, DateTimeOffset? now = null)
    {
        if (to > now)
        {
            return $"{(zone.DayStart(from) == from ? Day(from, zone) : Minute(from, zone))} to now";
        }

        var wholeDays = zone.DayStart(from) == from && zone.DayStart(to) == to;
        return wholeDays
            ? OneOrTwo(Day(from, zone), Day(to.AddTicks(-1), zone))
            : $"{Minute(from, zone)} to {Minute(to, zone)}";
    }

    /// <summary>Dollars and their fraction. A nano-dollar is the ninth decimal.</summary>
    public static decimal Dollars(Usd amount) => (decimal)amount.Nanos / Usd.NanosPerDollar;

    private static string Two(decimal small, int inLarge, string largeName, string smallName) =>
        $"{Whole((long)(small / inLarge))} {largeName} {small % inLarge} {smallName}";

    private static string OneOrTwo(string first, string last) => first == last ? first : $"{first} to {last}";

    private static int Decimals(decimal dollars)
    {
        if (dollars is 0 or >= 1)
        {
            return Cents;
        }

        // Where the first digit stands that is not 0: 0.0123 has it second.
        var first = 1;
        for (var scaled = dollars * 10; scaled < 1; scaled *= 10)
        {
            first++;
        }

        var decimals = first + SmallDigits - 1;
        var rounded = decimal.Round(dollars, decimals);
        while (decimals > Cents && decimal.Round(rounded, decimals - 1) == rounded)
        {
            decimals--;
        }

        return decimals;
    }

    private static string Short(decimal value)
    {
        foreach (var (from, sign) in s_sizes)
        {
            if (decimal.Abs(value) >= from)
            {
                var scaled = value / (from == 10_000m ? 1_000m : from);
                return $"{scaled.ToString(decimal.Abs(scaled) >= 100 ? "0.#" : "0.##", CultureInfo.InvariantCulture)}{sign}";
            }
        }

        return value.ToString("N0", CultureInfo.InvariantCulture);
    }
}
