using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;
using LlmObserve.Bench.Seeding;
using Npgsql;

namespace LlmObserve.Bench.Rows;

/// <summary>What the dashboard asks for a quarter, over HTTP, in an account of ten million events and in one of a tenth of that.</summary>
internal static class QueriesRow
{
    private const int Counted = 40;
    private const string Quarter = "hours=2160";

    /// <summary>Without a customer among the filters.</summary>
    private static readonly ImmutableArray<string> s_plain =
    [
        "/stats/overview?",
        "/stats/by-provider?",
        "/stats/by-model?",
        "/stats/by-customer?",
        "/stats/overview?provider=openai&",
        "/stats/by-model?agent=researcher&",
        "/stats/by-provider?model=gpt-4o&agent=writer&",
        "/stats/overview?customer_id={0}&",
        "/stats/by-model?customer_id={0}&",
        "/stats/by-agent?",
        "/stats/by-customer?q=7&sort=calls&",
        "/stats/llms?",
        "/stats/infrastructure?",
        "/stats/by-section?",
        "/stats/timeseries?group=provider&",
        "/stats/timeseries?group=model&kind=llm&top=10&",
        "/stats/timeseries?group=customer&bucket=day&top=20&",
        "/stats/timeseries?group=model&customer_id={0}&",
    ];

    /// <summary>A customer combined with other filters.</summary>
    private static readonly ImmutableArray<string> s_combined =
    [
        "/stats/overview?customer_id={0}&model=gpt-4o&",
        "/stats/by-model?customer_id={0}&provider=openai&agent=researcher&",
        "/stats/by-customer?provider=anthropic&agent=support&",
        "/stats/by-customer?model=gpt-4o-mini&",
        "/stats/llms?customer_id={0}&provider=openai&",
    ];

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var database = await run.SeededDatabaseAsync(cancellationToken);
        await using var db = NpgsqlDataSource.Create(database);
        await using var server = await ServerProcess.StartAsync(run, "queries", database, cancellationToken);
        using var small = await ClientAsync(server, db, SeedAccount.Small, run.Time.GetUtcNow(), cancellationToken);
        using var large = await ClientAsync(server, db, SeedAccount.Large, run.Time.GetUtcNow(), cancellationToken);

        var figures = ImmutableArray.CreateBuilder<Figure>();
        foreach (var (what, paths, limit) in ((string, ImmutableArray<string>, double)[])
            [("90 days, worst question", s_plain, 100), ("90 days, customer combined, worst question", s_combined, 250)])
        {
            var (path, ofLarge, ofSmall) = await WorstAsync(run, paths, large, small, cancellationToken);
            var note = $"p95 of {Counted} requests for each of {paths.Length} questions over HTTP, one at a time, 10 M events of 90 days with "
                + $"{CallMix.Customers:N0} customers, {CallMix.Models.Length} models and {CallMix.Agents.Length} agents; the slowest was {path}. "
                + "Its rollups are seeded without its events, which these questions never read. Flatness is against the same question in an "
                + "account of 1 M events in the same database.";
            figures.Add(new Figure("queries", $"{what}, p95", Quantity.Once(ofLarge, "ms"), null, Goal.Below(limit), note));
            figures.Add(new Figure(
                "queries", $"{what}, 10 M against 1 M events", Quantity.Once(ofLarge, "ms"), Quantity.Once(ofSmall, "ms"), Goal.RatioBelow(2), note));
        }

        return figures.ToImmutable();
    }

    private static async Task<(string Path, double OfLarge, double OfSmall)> WorstAsync(
        BenchRun run, ImmutableArray<string> paths, ApiClient large, ApiClient small, CancellationToken cancellationToken)
    {
        (string Path, double OfLarge, double OfSmall) worst = default;
        foreach (var path in paths)
        {
            var (ofLarge, ofSmall) = await MeasureAsync(run, path, large, small, cancellationToken);
            run.Say($"  {path + Quarter}: p95 {ofLarge:0.0} ms of 10 M events, {ofSmall:0.0} ms of 1 M");
            worst = ofLarge > worst.OfLarge ? (path + Quarter, ofLarge, ofSmall) : worst;
        }

        return worst;
    }

    private static async Task<(double OfLarge, double OfSmall)> MeasureAsync(
        BenchRun run, string path, ApiClient large, ApiClient small, CancellationToken cancellationToken)
    {
        const int warmUp = 5;
        var random = new Random(11);
        List<double> ofLarge = [], ofSmall = [];
        for (var i = 0; i < warmUp + Counted; i++)
        {
            // Big customers are looked at more often than small ones, as they are billed.
            var query = string.Format(path, CallMix.Customer(CallMix.NextCustomer(random))) + Quarter;
            foreach (var (client, times) in ((ApiClient, List<double>)[])[(large, ofLarge), (small, ofSmall)])
            {
                var started = run.Time.GetTimestamp();
                await client.GetAsync(query, cancellationToken);
                if (i >= warmUp)
                {
                    times.Add(run.Time.GetElapsedTime(started).TotalMilliseconds);
                }
            }
        }

        return (Quantiles.Of(ofLarge, 0.95), Quantiles.Of(ofSmall, 0.95));
    }

    private static async Task<ApiClient> ClientAsync(
        ServerProcess server, NpgsqlDataSource db, SeedAccount account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var client = new ApiClient(server.Address);
        client.Authorize(await SeedDatabase.CreateKeyAsync(db, account, now, cancellationToken));
        return client;
    }
}
