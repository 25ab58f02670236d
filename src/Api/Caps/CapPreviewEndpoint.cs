using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Caps;

/// <summary><c>POST /caps/preview</c>: what a cap would have seen over the last days. It changes nothing.</summary>
internal sealed class CapPreviewEndpoint(GrainCalls calls, CapSpendStore store, PriceBooks prices, TimeProvider clock)
{
    public const int DefaultDays = 30;

    public async Task<Results<Ok<CapPreviewAnswer>, Problem>> PreviewAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var now = clock.GetUtcNow();
        var cap = CapBody.ReadNew(fields, caller.Account, prices.Current, now);
        var days = fields.Whole("days", 1, StatsRequest.MaxDays) ?? DefaultDays;
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var zone = AccountZone.Parse((await calls.RepeatAsync<IAccountGrain, AccountSettings>(caller.AccountKey, account => account.GetSettingsAsync())).TimeZone);
        var from = zone.PeriodStart(cap.Period, now.AddDays(-days));
        var spent = await store.ByDayAsync(caller.Account, cap.Scope, from, zone.PeriodEnd(cap.Period, now), context.RequestAborted);
        var periods = PreviewedPeriod.ListOf(cap, zone, from, now, spent);
        var hours = await HoursAsync(cap, zone, now, periods, context.RequestAborted);
        return TypedResults.Ok(new CapPreviewAnswer(cap, zone, new WindowAnswer(from, now), periods, hours));
    }

    /// <summary>Hours of the days in which the limit was reached, as far as there are any.</summary>
    private async Task<IReadOnlyList<SpentFrom>> HoursAsync(
        Cap cap, AccountZone zone, DateTimeOffset now, IReadOnlyList<PreviewedPeriod> periods, CancellationToken cancellationToken)
    {
        var first = cap.Scope.Type == CapType.Customer ? now - CapSpendStore.CustomerHours : DateTimeOffset.MinValue;
        var days = periods.Where(period => period.ReachedOn >= first).Select(period => (period.ReachedOn!.Value, zone.PeriodEnd(CapPeriod.Daily, period.ReachedOn.Value))).ToList();
        return days.Count == 0 ? [] : await store.ByHourAsync(cap.Account, cap.Scope, days, cancellationToken);
    }
}

/// <summary>One period, from its days.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The first instant after it.</param>
/// <param name="Spent">In it.</param>
/// <param name="ReachedOn">The day in which the spend reached the limit; null where it did not.</param>
/// <param name="SpentBefore">In the days of the period before that one.</param>
internal sealed record PreviewedPeriod(DateTimeOffset Start, DateTimeOffset End, Usd Spent, DateTimeOffset? ReachedOn, Usd SpentBefore)
{
    /// <summary>All periods from one instant to another, also those without spend. A day counts where it begins, as it does for caps.</summary>
    public static ImmutableArray<PreviewedPeriod> ListOf(Cap cap, AccountZone zone, DateTimeOffset from, DateTimeOffset now, IReadOnlyList<SpentFrom> days)
    {
        var byPeriod = days.ToLookup(day => zone.PeriodStart(cap.Period, day.Start));
        var periods = ImmutableArray.CreateBuilder<PreviewedPeriod>();
        for (var start = from; start <= now; start = zone.PeriodEnd(cap.Period, start))
        {
            var (spent, before, reachedOn) = (Usd.Zero, Usd.Zero, (DateTimeOffset?)null);
            foreach (var day in byPeriod[start])
            {
                if (reachedOn is null && spent + day.Spent >= cap.Limit)
                {
                    (before, reachedOn) = (spent, day.Start);
                }

                spent += day.Spent;
            }

            periods.Add(new PreviewedPeriod(start, zone.PeriodEnd(cap.Period, start), spent, reachedOn, before));
        }

        return periods.ToImmutable();
    }

    /// <summary>When the spend reached the limit: the beginning of the hour, or of the day where there are no hours of it.</summary>
    public DateTimeOffset? ReachedAt(Cap cap, AccountZone zone, IReadOnlyList<SpentFrom> hours)
    {
        if (ReachedOn is not { } day)
        {
            return null;
        }

        var (spent, end) = (SpentBefore, zone.PeriodEnd(CapPeriod.Daily, day));
        foreach (var hour in hours)
        {
            if (hour.Start >= day && hour.Start < end && (spent += hour.Spent) >= cap.Limit)
            {
                return hour.Start;
            }
        }

        return day;
    }
}

/// <summary>What a cap would have seen over the last days.</summary>
internal sealed record CapPreviewAnswer
{
    public CapPreviewAnswer(Cap cap, AccountZone zone, WindowAnswer window, IReadOnlyList<PreviewedPeriod> periods, IReadOnlyList<SpentFrom> hours)
    {
        Window = window;
        TimeZone = zone.Id;
        Periods = [.. periods.Select(period => new CapPreviewPeriodAnswer(cap, zone, period, hours))];
        TimesReached = Periods.Count(period => period.ReachedAt is not null);
        OverTotal = Usd.Sum(Periods.Select(period => period.Over));
        CurrentSpend = Periods[^1].Spent;
    }

    /// <summary>From the beginning of the period that the first of the days is in, until now.</summary>
    public WindowAnswer Window { get; }

    /// <summary>The account's: in it the periods begin.</summary>
    public string TimeZone { get; }

    /// <summary>The oldest first; the last is the current one.</summary>
    public ImmutableArray<CapPreviewPeriodAnswer> Periods { get; }

    /// <summary>In how many periods the spend reached the limit.</summary>
    public int TimesReached { get; }

    /// <summary>US dollars: the sum of what the periods have over.</summary>
    public Usd OverTotal { get; }

    /// <summary>US dollars settled in the current period.</summary>
    public Usd CurrentSpend { get; }
}

/// <summary>What a cap would have seen in one period.</summary>
internal sealed record CapPreviewPeriodAnswer
{
    public CapPreviewPeriodAnswer(Cap cap, AccountZone zone, PreviewedPeriod period, IReadOnlyList<SpentFrom> hours)
    {
        PeriodStart = period.Start;
        PeriodEnd = period.End;
        Spent = period.Spent;
        Percentage = Percent.Of(period.Spent, cap.Limit);
        Over = Usd.Max(Usd.Zero, period.Spent - cap.Limit);
        ReachedAt = period.ReachedAt(cap, zone, hours);
        ThresholdsCrossed = [.. cap.Thresholds.Where(threshold => period.Spent.Nanos >= cap.Limit.Nanos * threshold)];
    }

    public DateTimeOffset PeriodStart { get; }

    /// <summary>The first instant of the next period.</summary>
    public DateTimeOffset PeriodEnd { get; }

    /// <summary>US dollars.</summary>
    public Usd Spent { get; }

    /// <summary>Of the limit: 80 is four fifths.</summary>
    public decimal Percentage { get; }

    /// <summary>
    /// US dollars spent above the limit: about what a hard cap would have refused. Only about: the call that reaches the limit is let through whole, so are calls
    /// in flight at that moment unless they are held, holds refuse a little before the limit, and a refused call may have been followed by fewer or by cheaper ones.
    /// </summary>
    public Usd Over { get; }

    /// <summary>
    /// The beginning of the hour in which the spend reached the limit, for customers more than a week ago that of the day; null where it did not.
    /// </summary>
    public DateTimeOffset? ReachedAt { get; }

    /// <summary>Fractions of the limit, the last is 1.</summary>
    public ImmutableArray<decimal> ThresholdsCrossed { get; }
}
