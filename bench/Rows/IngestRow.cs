using System.Collections.Immutable;
using LlmObserve.Bench.Baselines;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;
using LlmObserve.Bench.Seeding;
using Npgsql;

namespace LlmObserve.Bench.Rows;

/// <summary>Durable events per second through the API, against the same rows copied into the same table by one connection.</summary>
internal static class IngestRow
{
    private const int EventsPerRound = 40_000;
    private const int Counted = 3;

    /// <summary>Requests under way at once, as from as many processes of a user.</summary>
    public const int Clients = 16;

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var database = await run.SeededDatabaseAsync(cancellationToken);
        await using var db = NpgsqlDataSource.Create(database);
        var key = await SeedDatabase.CreateKeyAsync(db, SeedAccount.Ingest, run.Time.GetUtcNow(), cancellationToken);
        await using var server = await ServerProcess.StartAsync(run, "ingest", database, cancellationToken);
        using var api = new ApiClient(server.Address);
        api.Authorize(key);

        var bodies = new EventBodies(new Random(7));
        var copy = new EventsCopy(db, run.Time);
        var figures = ImmutableArray.CreateBuilder<Figure>();
        foreach (var (batch, oneCustomer, goal) in ((int, bool, double)[])[(100, false, 0.2), (1_000, false, 0.2), (100, true, 0.3), (1_000, true, 0.3)])
        {
            List<double> sent = [], copied = [];
            // The first round warms up: the server's code, and the pages of the indexes.
            for (var round = 0; round <= Counted; round++)
            {
                var from = await LastSeqAsync(db, cancellationToken);
                var rate = await SendAsync(run, api, bodies.Make(EventsPerRound, batch, oneCustomer), batch, cancellationToken);
                var copyRate = await copy.RepeatAsync(SeedAccount.Ingest, from, EventsPerRound, cancellationToken);
                if (round > 0)
                {
                    sent.Add(rate);
                    copied.Add(copyRate);
                }
            }

            figures.Add(new Figure(
                "ingest",
                $"POST /events/, batches of {batch:N0}, {(oneCustomer ? "one customer" : "1,000 customers")}",
                Quantity.MedianOf(sent, "events/s"),
                Quantity.MedianOf(copied, "events/s"),
                Goal.RatioAtLeast(goal),
                $"One account with {SeedAccount.Ingest.Events:N0} older events in the dedup window; {Clients} requests under way at once, from a client "
                + $"on the same machine. Against one COPY of the same rows in binary form on one connection into the same table with its indexes, "
                + $"in one transaction. {Counted} rounds of {EventsPerRound:N0} events each in turn, medians."));
        }

        await VerifyAsync(db, cancellationToken);
        return figures.ToImmutable();
    }

    /// <summary>Sends all of them, and answers how many events a second were acknowledged.</summary>
    public static async Task<double> SendAsync(
        BenchRun run, ApiClient api, IReadOnlyList<ReadOnlyMemory<byte>> bodies, int batch, CancellationToken cancellationToken)
    {
        var next = -1;
        var started = run.Time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(
            async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < bodies.Count; i = Interlocked.Increment(ref next))
                {
                    var answer = await api.PostAsync("/events/", bodies[i], cancellationToken);
                    if (answer.GetProperty("created").GetInt32() != batch)
                    {
                        throw new InvalidOperationException($"Not every event is new: {answer}");
                    }
                }
            },
            cancellationToken)));
        return bodies.Count * batch / run.Time.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<long> LastSeqAsync(NpgsqlDataSource db, CancellationToken cancellationToken)
    {
        await using var select = db.CreateCommand("SELECT last_seq FROM ledger_heads WHERE account_id = $1");
        select.Parameters.Add(new() { Value = SeedAccount.Ingest.Id.Value });
        return (long)(await select.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A rate of events that were lost or counted twice would mean nothing.</summary>
    private static async Task VerifyAsync(NpgsqlDataSource db, CancellationToken cancellationToken)
    {
        await using var compare = db.CreateCommand(
            """
            SELECT h.last_seq = h.total_calls AND h.total_calls = e.calls AND h.total_cost_nanos = e.cost AND e.calls = u.calls AND e.cost = u.cost
            FROM ledger_heads h,
                 (SELECT count(*) AS calls, sum(cost_nanos) AS cost FROM events WHERE account_id = $1) e,
                 (SELECT sum(calls) AS calls, sum(cost_nanos) AS cost FROM usage_hour WHERE account_id = $1) u
            WHERE h.account_id = $1
            """);
        compare.CommandTimeout = 0;
        compare.Parameters.Add(new() { Value = SeedAccount.Ingest.Id.Value });
        if (await compare.ExecuteScalarAsync(cancellationToken) is not true)
        {
            throw new InvalidOperationException("After the measurement, the account's head, rollups and events do not agree.");
        }
    }
}
