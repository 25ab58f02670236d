using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Caps;

/// <summary>The fractions of a limit at which an alert is due: ascending, distinct, each above 0, and the last always 1.</summary>
public static class CapThresholds
{
    /// <summary>Where a cap alerts that names no threshold: at 80 %, and at the limit.</summary>
    public const decimal Default = 0.8m;

    private const string Path = "alert_threshold";

    /// <summary>The list for a wire's <c>alert_threshold</c>. Adds a fault where it is not above 0 and at most 1; the default list then.</summary>
    public static ImmutableArray<decimal> FromAlertThreshold(decimal? alertThreshold, ICollection<Fault> faults)
    {
        var first = alertThreshold ?? Default;
        if (first is <= 0 or > 1)
        {
            faults.Add(new Fault(Path, FaultCodes.OutOfRange, "alert_threshold must be above 0 and at most 1: 0.8 alerts at 80 % of the limit."));
            first = Default;
        }

        return From([first]);
    }

    /// <summary>Orders fractions, drops what occurs twice, and ends with 1. Throws where one is not above 0 and at most 1.</summary>
    public static ImmutableArray<decimal> From(IEnumerable<decimal> fractions)
    {
        var sorted = new SortedSet<decimal>(fractions.Select(WithoutTrailingZeros)) { 1m };
        if (sorted.Min <= 0 || sorted.Max > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(fractions), string.Join(", ", sorted), "A threshold is above 0 and at most 1.");
        }

        return [.. sorted];
    }

    /// <summary>The threshold that the wire shows as <c>alert_threshold</c>: the lowest.</summary>
    public static decimal ToAlertThreshold(ImmutableArray<decimal> thresholds) => thresholds[0];

    /// <summary>A decimal remembers its zeros: a threshold sent as 0.80 is shown as 0.8. Dividing by a long 1 drops them.</summary>
    private static decimal WithoutTrailingZeros(decimal fraction) => fraction / 1.0000000000000000000000000000m;
}
