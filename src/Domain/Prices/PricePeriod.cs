namespace LlmObserve.Domain.Prices;

/// <summary>Prices and when they hold. All bounds are UTC; a bound that is null does not limit.</summary>
/// <param name="Rates">The prices.</param>
/// <param name="From">The first instant at which they hold.</param>
/// <param name="Until">The first instant at which they no longer hold.</param>
/// <param name="DailyFrom">Time of day from which they hold each day; given together with <paramref name="DailyUntil"/>.</param>
/// <param name="DailyUntil">Time of day at which they end; before <paramref name="DailyFrom"/> where the window runs over midnight.</param>
public sealed record PricePeriod(
    RateTable Rates,
    DateTimeOffset? From = null,
    DateTimeOffset? Until = null,
    TimeOnly? DailyFrom = null,
    TimeOnly? DailyUntil = null)
{
    /// <summary>A hold lasts minutes; after a few days a daily window brings nothing new.</summary>
    private const int MaxDays = 7;

    public bool Holds(DateTimeOffset at)
    {
        if (at < From || at >= Until)
        {
            return false;
        }

        if (DailyFrom is not { } start || DailyUntil is not { } end)
        {
            return true;
        }

        var time = TimeOnly.FromTimeSpan(at.UtcDateTime.TimeOfDay);
        return start <= end ? start <= time && time < end : start <= time || time < end;
    }

    /// <summary>Adds the instants in (<paramref name="after"/>, <paramref name="latest"/>] at which it begins or ends to hold.</summary>
    internal void AddEdges(DateTimeOffset after, DateTimeOffset latest, List<DateTimeOffset> edges)
    {
        Add(From);
        Add(Until);
        if (DailyFrom is { } start && DailyUntil is { } end)
        {
            var day = DateOnly.FromDateTime(after.UtcDateTime);
            for (var days = 0; days < MaxDays && day <= DateOnly.FromDateTime(latest.UtcDateTime); days++, day = day.AddDays(1))
            {
                Add(new DateTimeOffset(day, start, TimeSpan.Zero));
                Add(new DateTimeOffset(day, end, TimeSpan.Zero));
            }
        }

        void Add(DateTimeOffset? edge)
        {
            if (edge > after && edge <= latest)
            {
                edges.Add(edge.Value);
            }
        }
    }
}
