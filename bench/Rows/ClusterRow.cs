using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>
/// The same load on one process of the in-process engine, and on clusters of one silo and of two, each with as many processes that answer HTTP.
/// All share the machine and its PostgreSQL, so more silos cannot be faster here: the row says what the way between processes costs.
/// </summary>
internal static class ClusterRow
{
    private const int Accounts = 8;
    private const int ConnectionsPerAccount = 4;
    private const int ClientsPerAccount = 2;
    private const int Batch = 100;
    private const int EventsPerRound = 16_000;
    private const int Counted = 3;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(4);

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var clusterServer = run.ClusterServer
            ?? throw new InvalidOperationException("The row 'cluster' needs a server built with -p:Engine=Orleans: ./dev bench cluster builds it, where its packages restore.");
        await using var local = await Deployment.StartAsync(run, "cluster_local", Repository.Server, silos: 0, cancellationToken);
        await using var one = await Deployment.StartAsync(run, "cluster_one", clusterServer, silos: 1, cancellationToken);
        await using var two = await Deployment.StartAsync(run, "cluster_two", clusterServer, silos: 2, cancellationToken);
        (string Name, Deployment Deployment)[] all = [("one process, Local engine", local), ("1 silo, 1 API process", one), ("2 silos, 2 API processes", two)];

        var checks = await Rounds.InTurnAsync(
            Counted, [.. all.Select(deployment => (Func<Task<double>>)(() => deployment.Deployment.CheckAsync(run, s_round, cancellationToken)))]);
        var events = await Rounds.InTurnAsync(
            Counted, [.. all.Select(deployment => (Func<Task<double>>)(() => deployment.Deployment.SendAsync(run, EventsPerRound, cancellationToken)))]);
        var load = $"{Accounts} accounts with five caps each, spread over the API processes. Load, processes and PostgreSQL share one machine. "
            + $"{Counted} rounds in turn, medians.";
        return
        [
            .. all.Select((deployment, i) => new Figure(
                "cluster", $"GET /caps/check, {deployment.Name}", Quantity.MedianOf(checks[i], "requests/s"), Quantity.MedianOf(checks[0], "requests/s"), null,
                $"Checks: {HttpLoad.Generator} with {ConnectionsPerAccount} connections an account, {s_round.TotalSeconds} s a round. {load}")),
            .. all.Select((deployment, i) => new Figure(
                "cluster", $"POST /events/, batches of {Batch}, {deployment.Name}", Quantity.MedianOf(events[i], "events/s"),
                Quantity.MedianOf(events[0], "events/s"), null,
                $"Events: {ClientsPerAccount} requests under way at once an account, {EventsPerRound:N0} events a round, empty tables at first. {load}")),
        ];
    }

    /// <summary>Processes that serve together, and accounts on them.</summary>
    private sealed class Deployment : IAsyncDisposable
    {
        private readonly List<ServerProcess> _processes = [];
        private readonly List<(Uri Address, string Key, ApiClient Client)> _accounts = [];
        private readonly EventBodies _bodies = new(new Random(11));

        /// <summary>No silo: everything in one process.</summary>
        public static async Task<Deployment> StartAsync(BenchRun run, string name, string program, int silos, CancellationToken cancellationToken)
        {
            var deployment = new Deployment();
            try
            {
                var database = await run.FreshDatabaseAsync(name, cancellationToken);
                for (var i = 0; i < silos; i++)
                {
                    deployment._processes.Add(await ServerProcess.StartAsync(run, $"{name}_silo{i}", database, cancellationToken, program: program, roles: "silo"));
                }

                List<Uri> apis = [];
                for (var i = 0; i < Math.Max(1, silos); i++)
                {
                    var api = await ServerProcess.StartAsync(
                        run, $"{name}_api{i}", database, cancellationToken, program: program, roles: silos == 0 ? null : "api");
                    deployment._processes.Add(api);
                    apis.Add(api.Address);
                }

                for (var i = 0; i < Accounts; i++)
                {
                    var client = new ApiClient(apis[i % apis.Count]);
                    var key = await client.SignUpAsync(cancellationToken);
                    await CheckRow.CreateMatchingCapsAsync(client, cancellationToken);
                    client.Authorize(key);
                    deployment._accounts.Add((apis[i % apis.Count], key, client));
                }

                return deployment;
            }
            catch
            {
                await deployment.DisposeAsync();
                throw;
            }
        }

        /// <summary>Checks a second of all accounts together.</summary>
        public async Task<double> CheckAsync(BenchRun run, TimeSpan duration, CancellationToken cancellationToken) =>
            (await Task.WhenAll(_accounts.Select(account =>
                new HttpLoad(new Uri(account.Address, CheckRow.Path), account.Key) { ConnectionCount = ConnectionsPerAccount }
                    .RunAsync(duration, run.Time, cancellationToken)))).Sum();

        /// <summary>Events a second of all accounts together.</summary>
        public async Task<double> SendAsync(BenchRun run, int events, CancellationToken cancellationToken)
        {
            var bodies = _accounts.Select(_ => new Queue<ReadOnlyMemory<byte>>(_bodies.Make(events / Accounts, Batch, oneCustomer: false))).ToList();
            var started = run.Time.GetTimestamp();
            await Task.WhenAll(_accounts.Zip(bodies).SelectMany(account => Enumerable.Range(0, ClientsPerAccount).Select(_ => Task.Run(
                async () =>
                {
                    while (Next(account.Second) is { } body)
                    {
                        var answer = await account.First.Client.PostAsync("/events/", body, cancellationToken);
                        if (answer.GetProperty("created").GetInt32() != Batch)
                        {
                            throw new InvalidOperationException($"Not every event is new: {answer}");
                        }
                    }
                },
                cancellationToken))));
            return events / run.Time.GetElapsedTime(started).TotalSeconds;
        }

        public async ValueTask DisposeAsync()
        {
            _accounts.ForEach(account => account.Client.Dispose());
            foreach (var process in Enumerable.Reverse(_processes))
            {
                await process.DisposeAsync();
            }
        }

        private static ReadOnlyMemory<byte>? Next(Queue<ReadOnlyMemory<byte>> bodies)
        {
            lock (bodies)
            {
                // A bare null would be an empty memory.
                return bodies.TryDequeue(out var body) ? body : default(ReadOnlyMemory<byte>?);
            }
        }
    }
}
