using System.Collections.Immutable;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Stats;

/// <summary>The buckets of one rollup that begin in a stretch of time.</summary>
internal readonly record struct RollupSlice(Rollup Rollup, DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Which rollups answer a question: whole days from a rollup by day, the hours at the window's edges from one by hour. Hours with customers
/// are kept for the last days only; further back, such a window is rounded out to days of the account's zone.
/// </summary>
public sealed record RollupPlan
{
    /// <summary>How far ahead of this server's clock an event may say that it happened.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>How far back hours are read with a customer. They are kept for eight days; the hour less leaves the clean-up room.</summary>
    private static readonly TimeSpan CustomerHours = TimeSpan.FromDays(8) - TimeSpan.FromHours(1);

    private RollupPlan(StatsWindow window, ImmutableArray<RollupSlice> slices) => (Window, Slices) = (window, slices);

    /// <summary>What the sums really cover, in whole buckets: never less than what was asked for.</summary>
    public StatsWindow Window { get; }

    /// <summary>They follow each other without overlap, and all together are the window.</summary>
    internal ImmutableArray<RollupSlice> Slices { get; }

    /// <summary>Finds the slices for a window.</summary>
    /// <param name="asked">The window; where it ends at <paramref name="now"/> or later, it has no end: nothing has happened yet behind it.</param>
    /// <param name="keys">What the question tells apart.</param>
    /// <param name="zone">The account's.</param>
    /// <param name="now">The time.</param>
    public static RollupPlan For(StatsWindow asked, StatsKeys keys, AccountZone zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var open = asked.To >= now;
        var from = zone.HourStart(asked.From);
        var to = UpToHour(open ? now + Ahead : asked.To, zone);
        var (days, hours, firstHour) = Tables(keys, now);
        var firstDay = UpToDay(from, zone);

        // Nothing lies behind an open window: all of its last day is in it.
        var lastDay = open ? UpToDay(to, zone) : zone.DayStart(to);
        if (lastDay < firstDay && from >= firstHour)
        {
            // Less than a day, between two midnights.
            return new RollupPlan(new StatsWindow(from, to), [new RollupSlice(hours, from, to)]);
        }

        if (from < firstHour)
        {
            from = firstDay = zone.DayStart(from);
        }

        if (lastDay < firstHour)
        {
            to = lastDay = UpToDay(to, zone);
        }

        var slices = ImmutableArray.CreateBuilder<RollupSlice>();
        AddUnlessEmpty(slices, new RollupSlice(hours, from, firstDay));
        AddUnlessEmpty(slices, new RollupSlice(days, firstDay, lastDay));
        AddUnlessEmpty(slices, new RollupSlice(hours, lastDay, to));
        return new RollupPlan(new StatsWindow(from, to), slices.ToImmutable());
    }

    /// <summary>
    /// The plan for as long a stretch right before this one; of one that goes on, up to the same moment of it. Where only days can be read and this one
    /// begins within a day, that day is left out of it.
    /// </summary>
    /// <param name="length">Of the window that was asked for.</param>
    /// <param name="keys">What the question tells apart.</param>
    /// <param name="zone">The account's.</param>
    /// <param name="now">The time.</param>
    public RollupPlan Before(TimeSpan length, StatsKeys keys, AccountZone zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var from = Window.From - length;
        var sameMoment = now - length;
        var before = For(new StatsWindow(from, sameMoment > from && sameMoment < Window.From ? sameMoment : Window.From), keys, zone, now);
        var day = zone.DayStart(Window.From);
        return before.Window.To <= Window.From ? before : For(new StatsWindow(day - length, day), keys, zone, now);
    }

    /// <summary>The hours of a window, without days in their place; null where those of its beginning are no longer kept.</summary>
    /// <param name="asked">As for <see cref="For"/>.</param>
    /// <param name="keys">What the question tells apart.</param>
    /// <param name="zone">The account's.</param>
    /// <param name="now">The time.</param>
    public static RollupPlan? OfHours(StatsWindow asked, StatsKeys keys, AccountZone zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var from = zone.HourStart(asked.From);
        var to = UpToHour(asked.To >= now ? now + Ahead : asked.To, zone);
        var (_, hours, firstHour) = Tables(keys, now);
        return from < firstHour ? null : new RollupPlan(new StatsWindow(from, to), [new RollupSlice(hours, from, to)]);
    }

    /// <summary>The same buckets from the rollups that tell no customers apart.</summary>
    public RollupPlan WithoutCustomers() => new(
        Window,
        [.. Slices.Select(slice => slice with { Rollup = slice.Rollup == Rollup.HourCustomer || slice.Rollup == Rollup.Hour ? Rollup.Hour : Rollup.DayTotal })]);

    private static (Rollup Days, Rollup Hours, DateTimeOffset FirstHour) Tables(StatsKeys keys, DateTimeOffset now) => keys switch
    {
        StatsKeys.Labels => (Rollup.DayTotal, Rollup.Hour, DateTimeOffset.MinValue),
        StatsKeys.Sections => (Rollup.DaySection, Rollup.DaySection, DateTimeOffset.MaxValue),
        StatsKeys.Customers => (Rollup.DayCustomer, Rollup.HourCustomer, now - CustomerHours),
        _ => (Rollup.Day, Rollup.HourCustomer, now - CustomerHours),
    };

    private static void AddUnlessEmpty(ImmutableArray<RollupSlice>.Builder slices, RollupSlice slice)
    {
        if (slice.From < slice.To)
        {
            slices.Add(slice);
        }
    }

    private static DateTimeOffset UpToHour(DateTimeOffset instant, AccountZone zone)
    {
        var start = zone.HourStart(instant);
        return start == instant ? start : zone.HourEnd(instant);
    }

    private static DateTimeOffset UpToDay(DateTimeOffset instant, AccountZone zone)
    {
        var start = zone.DayStart(instant);
        return start == instant ? start : zone.StartOf(zone.DateOf(instant).AddDays(1));
    }
}
