using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>What one name had in each bucket.</summary>
internal sealed record SeriesAnswer
{
    public SeriesAnswer(StatsSeries series)
    {
        Name = series.Name.Length == 0 ? null : series.Name;
        TotalCost = Usd.Sum(series.Costs.AsSpan());
        CallCount = series.Calls.Sum();
        Costs = series.Costs;
        Calls = series.Calls;
        Errors = series.Errors;
    }

    /// <summary>Null for the calls that have none, for the rest, and for the one series of everything.</summary>
    public string? Name { get; }

    /// <summary>US dollars.</summary>
    public Usd TotalCost { get; }

    /// <summary>Calls, also those that failed.</summary>
    public long CallCount { get; }

    /// <summary>US dollars, bucket by bucket.</summary>
    public IReadOnlyList<Usd> Costs { get; }

    /// <summary>Bucket by bucket.</summary>
    public IReadOnlyList<long> Calls { get; }

    /// <summary>Calls that did not end well, bucket by bucket.</summary>
    public IReadOnlyList<long> Errors { get; }
}

/// <summary>Cost, calls and errors over time.</summary>
internal sealed record TimeSeriesAnswer
{
    public TimeSeriesAnswer(StatsSeriesSet set, SeriesPlan plan, AccountZone zone)
    {
        Window = new WindowAnswer(plan.Plan.Window);
        TimeZone = zone.Id;
        Bucket = plan.Bucket == StatsBucket.Hour ? "hour" : "day";
        Starts = plan.Starts;
        Series = [.. set.Series.Select(series => new SeriesAnswer(series))];
        Other = set.Other is null ? null : new SeriesAnswer(set.Other);
    }

    /// <summary>What all buckets together cover: the same as a list over the same days.</summary>
    public WindowAnswer Window { get; }

    /// <summary>The account's IANA time zone: its hours and days are the buckets.</summary>
    public string TimeZone { get; }

    /// <summary>hour or day.</summary>
    public string Bucket { get; }

    /// <summary>
    /// Where each bucket begins; it ends where the next does, the last with the window. A day has 23 or 25 hours where clocks change, and the first is a part of
    /// one where the window begins within.
    /// </summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; }

    /// <summary>The dearest first.</summary>
    public IReadOnlyList<SeriesAnswer> Series { get; }

    /// <summary>All other names together; null where there are none.</summary>
    public SeriesAnswer? Other { get; }
}

/// <summary>Reads time series.</summary>
internal sealed partial class StatsEndpoints
{
    public async Task<Results<Ok<TimeSeriesAnswer>, Problem>> TimeSeriesAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        if (!TimeSeriesRequest.TryRead(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return problem;
        }

        var (window, filter, group, bucket, top) = request;
        var zone = await ZoneOfAsync(caller);
        var keys = group is { } of ? StatsKeysOf.List(of, filter) : StatsKeysOf.Sums(filter);
        var plan = SeriesPlan.For(window, keys, bucket, zone, now);
        var set = await store.SeriesAsync(new StatsQuery(caller.Account, plan.Plan, filter), plan, group, top, context.RequestAborted);
        return TypedResults.Ok(new TimeSeriesAnswer(set, plan, zone));
    }
}
