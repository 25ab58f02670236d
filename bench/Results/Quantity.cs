using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace LlmObserve.Bench.Results;

/// <summary>What was measured: the median of short rounds.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Rounds">What the rounds gave, in order; empty where there was one.</param>
internal sealed record Quantity(double Value, string Unit, ImmutableArray<double> Rounds)
{
    public static Quantity Once(double value, string unit) => new(value, unit, []);

    public static Quantity MedianOf(IEnumerable<double> rounds, string unit)
    {
        ImmutableArray<double> all = [.. rounds];
        return new(Quantiles.Median(all), unit, all);
    }

    /// <summary>Four significant digits at most: what is behind them is noise.</summary>
    public override string ToString() => $"{Text(Value)} {Unit}".TrimEnd();

    internal static string Text(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0"),
        >= 100 => value.ToString("0"),
        >= 10 => value.ToString("0.#"),
        >= 1 => value.ToString("0.##"),
        _ => value.ToString("0.###"),
    };
}

/// <summary>What a figure must reach.</summary>
/// <param name="Ratio">Whether it is about the ratio (measured ÷ against); otherwise about what was measured itself.</param>
/// <param name="AtLeast">At least <paramref name="Limit"/>; otherwise below it.</param>
/// <param name="Limit">In the figure's own unit, or as a ratio.</param>
internal sealed record Goal(bool Ratio, bool AtLeast, double Limit)
{
    public static Goal RatioAtLeast(double limit) => new(Ratio: true, AtLeast: true, limit);

    public static Goal RatioBelow(double limit) => new(Ratio: true, AtLeast: false, limit);

    public static Goal Below(double limit) => new(Ratio: false, AtLeast: false, limit);

    public bool IsMetBy(double value) => AtLeast ? value >= Limit : value < Limit;

    public string Text(string unit) => $"{(AtLeast ? "≥" : "<")} {Quantity.Text(Limit)}{(Ratio ? "" : " " + unit)}";
}

/// <summary>One line of the table.</summary>
internal sealed record Figure(
    string Bench,
    string What,
    Quantity Measured,
    Quantity? Against,
    Goal? Goal,
    string Note)
{
    public double? Ratio => Against is null ? null : Measured.Value / Against.Value;

    public bool Met => Goal?.IsMetBy(Goal.Ratio ? Ratio!.Value : Measured.Value) ?? true;

    /// <summary>When it was measured, and on which commit: a run of one benchmark leaves the others' lines as they were.</summary>
    public DateTimeOffset At { get; init; }

    public string Commit { get; init; } = "";

    /// <summary>How busy other programs kept the processors right before, in percent: they share the machine.</summary>
    public int OthersPercent { get; init; }

    [JsonIgnore]
    public string Verdict => Goal is null ? "" : Met ? "met" : "NOT MET";
}
