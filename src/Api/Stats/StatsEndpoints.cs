using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
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

    public Task<Results<Ok<PageAnswer<ProviderStatsAnswer>>, Problem>> ByProviderAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, StatsGroup.Provider, static (row, all) => new ProviderStatsAnswer(row, all));

    public Task<Results<Ok<PageAnswer<ModelStatsAnswer>>, Problem>> ByModelAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, StatsGroup.Model, static (row, all) => new ModelStatsAnswer(row, all));

    public Task<Results<Ok<PageAnswer<CustomerStatsAnswer>>, Problem>> ByCustomerAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, StatsGroup.Customer, static (row, all) => new CustomerStatsAnswer(row, all));

    public Task<Results<Ok<PageAnswer<AgentStatsAnswer>>, Problem>> ByAgentAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, StatsGroup.Agent, static (row, all) => new AgentStatsAnswer(row, all));

    private async Task<Results<Ok<PageAnswer<T>>, Problem>> ListAsync<T>(
        Caller caller, HttpContext context, StatsGroup group, Func<StatsRow, Usd, T> toAnswer)
    {
        var now = clock.GetUtcNow();
        if (!StatsRequest.TryRead(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return problem;
        }

        var zone = await ZoneOfAsync(caller);
        var plan = RollupPlan.For(request.Window, StatsKeysOf.List(group, request.Filter), zone, now);
        var page = await store.ListAsync(
            new StatsQuery(caller.Account, plan, request.Filter), group, request.After, request.Limit, context.RequestAborted);
        return TypedResults.Ok(new PageAnswer<T>(
            [.. page.Rows.Select(row => toAnswer(row, page.Cost))],
            page.Next is { } next ? new StatsCursor(request.Window, next).ToString() : null,
            new WindowAnswer(plan.Window)));
    }

    private async Task<AccountZone> ZoneOfAsync(Caller caller) =>
        AccountZone.Parse((await calls.RepeatAsync<IAccountGrain, AccountSettings>(caller.AccountKey, account => account.GetSettingsAsync())).TimeZone);
}
