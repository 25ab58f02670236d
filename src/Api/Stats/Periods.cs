using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>The current day, week and month of the account's zone so far.</summary>
/// <param name="TimeZone">The account's IANA time zone.</param>
/// <param name="At">When this was read.</param>
/// <param name="Today">From midnight.</param>
/// <param name="Week">From Monday.</param>
/// <param name="Month">From the first.</param>
internal sealed record PeriodsAnswer(string TimeZone, DateTimeOffset At, PeriodAnswer Today, PeriodAnswer Week, PeriodAnswer Month);

/// <summary>A period so far, and the one before it.</summary>
internal sealed record PeriodAnswer : FiguresAnswer
{
    public PeriodAnswer(PeriodPlans plans, StatsFigures now, StatsFigures before, StatsFigures rest)
        : base(now)
    {
        Window = new WindowAnswer(plans.Current.Window);
        Previous = new PreviousAnswer(plans.Previous.Window, before);
        PreviousWholeCost = before.Cost + rest.Cost;
        Change = new ChangeAnswer(now, before);
    }

    public WindowAnswer Window { get; }

    /// <summary>
    /// The period before, up to the same time of day, weekday or day of the month: in whole hours, so that the hour that is on is compared with a
    /// whole one. Of one customer's month in whole days.
    /// </summary>
    public PreviousAnswer Previous { get; }

    /// <summary>What all of the period before cost, in US dollars.</summary>
    public Usd PreviousWholeCost { get; }

    /// <summary>Against <c>previous</c>.</summary>
    public ChangeAnswer Change { get; }
}

/// <summary>Reads the current periods.</summary>
internal sealed partial class StatsEndpoints
{
    private static readonly CapPeriod[] s_periods = [CapPeriod.Daily, CapPeriod.Weekly, CapPeriod.Monthly];

    public async Task<Results<Ok<PeriodsAnswer>, Problem>> PeriodsAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var filter = StatsRequest.ReadFilter(context.Request.Query, prices.Current, faults);
        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        var zone = await ZoneOfAsync(caller);
        var plans = s_periods.Select(period => PeriodPlans.For(period, StatsKeysOf.Sums(filter), zone, now)).ToList();
        var sums = await store.SumAsync(
            caller.Account, filter, [.. plans.SelectMany(plan => (RollupPlan[])[plan.Current, plan.Previous, plan.Rest])], context.RequestAborted);
        var answers = plans.Zip(sums.Chunk(3), (plan, of) => new PeriodAnswer(plan, of[0], of[1], of[2])).ToList();
        return TypedResults.Ok(new PeriodsAnswer(zone.Id, now, answers[0], answers[1], answers[2]));
    }
}
