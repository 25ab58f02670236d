using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Storage.Stats;

/// <summary>How long the buckets of a time series are.</summary>
public enum StatsBucket
{
    Hour,
    Day,
}

/// <summary>Which rollups answer a question for a time series, and which buckets it has.</summary>
/// <param name="Plan">The same as that of a list over the same days, so that both have the same sums.</param>
/// <param name="Bucket">Hours or days of the account's zone; a day has 23 or 25 hours where clocks change.</param>
/// <param name="Starts">Where each bucket begins. The first and the last day may be parts of one, where the window begins or ends within.</param>
public sealed record SeriesPlan(RollupPlan Plan, StatsBucket Bucket, ImmutableArray<DateTimeOffset> Starts)
{
    /// <summary>The longest window that is shown by hour unless days are asked for: two days' worth of points can be told apart on a page.</summary>
    public static readonly TimeSpan HoursUnasked = TimeSpan.FromHours(48);

    /// <summary>The longest window by hour: as many buckets as the longest by day has, or fewer.</summary>
    public static readonly TimeSpan MostHours = TimeSpan.FromDays(3);

    /// <summary>Finds the buckets.</summary>
    /// <param name="asked">The window.</param>
    /// <param name="keys">What the question tells apart.</param>
    /// <param name="bucket">What is wanted, or null for what suits the window. Where hours are no longer kept it becomes days.</param>
    /// <param name="zone">The account's.</param>
    /// <param name="now">The time.</param>
    public static SeriesPlan For(StatsWindow asked, StatsKeys keys, StatsBucket? bucket, AccountZone zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var length = asked.To - asked.From;
        ArgumentOutOfRangeException.ThrowIfEqual(bucket == StatsBucket.Hour && length > MostHours, true, nameof(asked));
        var byHour = bucket is { } wanted ? wanted == StatsBucket.Hour : length <= HoursUnasked;
        return byHour && RollupPlan.OfHours(asked, keys, zone, now) is { } hours
            ? new SeriesPlan(hours, StatsBucket.Hour, StartsOf(hours.Window, zone.HourEnd))
            : Days(RollupPlan.For(asked, keys, zone, now), zone);
    }

    /// <summary>The bucket that holds what begins at an instant of the window.</summary>
    internal int IndexOf(DateTimeOffset instant)
    {
        var at = Starts.BinarySearch(instant);
        return at >= 0 ? at : ~at - 1;
    }

    private static SeriesPlan Days(RollupPlan plan, AccountZone zone) =>
        new(plan, StatsBucket.Day, StartsOf(plan.Window, instant => zone.PeriodEnd(CapPeriod.Daily, instant)));

    private static ImmutableArray<DateTimeOffset> StartsOf(StatsWindow window, Func<DateTimeOffset, DateTimeOffset> next)
    {
        var starts = ImmutableArray.CreateBuilder<DateTimeOffset>();
        for (var at = window.From; at < window.To; at = next(at))
        {
            starts.Add(at);
        }

        return starts.ToImmutable();
    }
}
