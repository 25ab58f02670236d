using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;

namespace LlmObserve.Api.Stats;

/// <summary>The figures of the caller's account.</summary>
internal sealed partial class StatsEndpoints(GrainCalls calls, StatsStore store, PriceBooks prices, TimeProvider clock)
{
    public async Task<Results<Ok<OverviewAnswer>, Problem>> OverviewAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        if (!StatsRequest.TryRead(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return problem;
        }

        var zone = await ZoneOfAsync(caller);
        var (window, filter) = (request.Window, request.Filter);
        var sums = StatsKeysOf.Sums(filter);
        var before = RollupPlan.For(window, sums, zone, now).Before(window.To - window.From, sums, zone, now);
        var labels = RollupPlan.For(window, StatsKeysOf.List(StatsGroup.Model, filter), zone, now);
        var customers = RollupPlan.For(window, StatsKeysOf.List(StatsGroup.Customer, filter), zone, now);
        var overview = await store.OverviewAsync(
            new StatsQuery(caller.Account, labels, filter),
            new StatsQuery(caller.Account, customers, filter),
            new StatsQuery(caller.Account, before, filter),
            context.RequestAborted);
        return TypedResults.Ok(new OverviewAnswer(overview, labels.Window, customers.Window, before.Window, zone));
    }

    private async Task<AccountZone> ZoneOfAsync(Caller caller) =>
        AccountZone.Parse((await calls.RepeatAsync<IAccountGrain, AccountSettings>(caller.AccountKey, account => account.GetSettingsAsync())).TimeZone);
}
