using System.Runtime.CompilerServices;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>What the rows of a list are, on a page and in a file.</summary>
/// <param name="Group">What a row is the figures of.</param>
/// <param name="FileName">The first word of a file's name.</param>
/// <param name="ToAnswer">A row as it is answered, with the cost of all.</param>
/// <param name="Columns">The same as CSV.</param>
internal sealed record StatsListShape<T>(StatsGroup Group, string FileName, Func<StatsRow, Usd, T> ToAnswer, FileColumns<T> Columns)
    where T : ShareAnswer;

/// <summary>Reads lists of figures.</summary>
internal sealed partial class StatsEndpoints
{
    private static readonly StatsListShape<ProviderStatsAnswer> s_providers = new(
        StatsGroup.Provider, "providers", static (row, all) => new(row, all), StatsFiles.Shares<ProviderStatsAnswer>("provider", static row => row.Provider));

    private static readonly StatsListShape<ModelStatsAnswer> s_models = new(
        StatsGroup.Model, "models", static (row, all) => new(row, all), StatsFiles.Shares<ModelStatsAnswer>("model", static row => row.Model));

    private static readonly StatsListShape<AgentStatsAnswer> s_agents = new(
        StatsGroup.Agent, "agents", static (row, all) => new(row, all), StatsFiles.Shares<AgentStatsAnswer>("agent", static row => row.Agent));

    private static readonly StatsListShape<CustomerStatsAnswer> s_customers = new(
        StatsGroup.Customer, "customers", static (row, all) => new(row, all), StatsFiles.Shares<CustomerStatsAnswer>("customer_id", static row => row.CustomerId));

    public Task<Results<Ok<PageAnswer<ProviderStatsAnswer>>, ListFile<ProviderStatsAnswer>, Problem>> ByProviderAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, s_providers);

    public Task<Results<Ok<PageAnswer<ModelStatsAnswer>>, ListFile<ModelStatsAnswer>, Problem>> ByModelAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, s_models);

    public Task<Results<Ok<PageAnswer<AgentStatsAnswer>>, ListFile<AgentStatsAnswer>, Problem>> ByAgentAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, s_agents);

    public Task<Results<Ok<PageAnswer<CustomerStatsAnswer>>, ListFile<CustomerStatsAnswer>, Problem>> ByCustomerAsync(Caller caller, HttpContext context) =>
        ListAsync(caller, context, s_customers);

    private async Task<Results<Ok<PageAnswer<T>>, ListFile<T>, Problem>> ListAsync<T>(Caller caller, HttpContext context, StatsListShape<T> shape)
        where T : ShareAnswer
    {
        var now = clock.GetUtcNow();
        if (!StatsRequest.TryReadList(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return problem;
        }

        var zone = await ZoneOfAsync(caller);
        var plan = RollupPlan.For(request.Window, StatsKeysOf.List(shape.Group, request.Filter), zone, now);
        var query = new StatsQuery(caller.Account, plan, request.Filter) { Order = request.Order, Search = request.Search };
        if (request.Format is { } format)
        {
            var name = StatsFiles.Name(shape.FileName, plan.Window, zone, now);
            return new ListFile<T>(format, name, shape.Columns, PagesAsync(query, shape), StatsFiles.MaxRows);
        }

        var page = await store.ListAsync(query, shape.Group, request.After, request.Limit, context.RequestAborted);
        return TypedResults.Ok(new PageAnswer<T>(
            [.. page.Rows.Select(row => shape.ToAnswer(row, page.Cost))],
            page.Next is { } next ? new StatsCursor(request.Window, request.Order, next).ToString() : null,
            new WindowAnswer(plan.Window)));
    }

    private async IAsyncEnumerable<IReadOnlyList<T>> PagesAsync<T>(
        StatsQuery query, StatsListShape<T> shape, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : ShareAnswer
    {
        StatsPosition? after = null;
        Usd? all = null;
        do
        {
            var page = await store.ListAsync(query, shape.Group, after, StatsStore.FileRows, cancellationToken);

            // Shares are of one whole, also where calls are counted between two pages.
            var whole = all ??= page.Cost;
            yield return [.. page.Rows.Select(row => shape.ToAnswer(row, whole))];
            after = page.Next;
        }
        while (after is not null);
    }
}
