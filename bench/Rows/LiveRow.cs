using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>Ingest of an account that a thousand pages watch, against ingest that nobody watches.</summary>
internal static class LiveRow
{
    private const int Streams = 1_000;
    private const int EventsPerRound = 60_000;
    private const int Batch = 100;
    private const int Counted = 5;

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartAsync(
            run, "live", await run.FreshDatabaseAsync("live", cancellationToken), cancellationToken);
        using var api = new ApiClient(server.Address);
        using var pages = new ApiClient(server.Address);
        var (key, session) = await pages.SignUpWithSessionAsync(cancellationToken);
        api.Authorize(key);

        var bodies = new EventBodies(new Random(7));
        var (events, most, messages) = (0L, 0, 0L);
        var (watched, alone) = await Rounds.AlternateAsync(
            Counted,
            async () =>
            {
                await using var streams = await LiveReaders.OpenAsync(server.Address, session, Streams, run.Time, cancellationToken);
                var rate = await SendAsync();

                // Coalesced, and nothing lost: the last message to each has the last event in it.
                await streams.HaveReadAsync(events, cancellationToken);
                most = Math.Max(most, streams.MostInASecond);
                messages += streams.Messages;
                return rate;
            },
            SendAsync);
        return
        [
            new Figure(
                "live",
                $"POST /events/, batches of {Batch}, {Streams:N0} streams of GET /live open on the account",
                Quantity.MedianOf(watched, "events/s"),
                Quantity.MedianOf(alone, "events/s"),
                Goal.RatioAtLeast(0.9),
                $"One new account; {IngestRow.Clients} requests under way at once. Against the same without streams, {Counted} rounds of {EventsPerRound:N0} events each in "
                + $"turn, medians. The streams' readers are connections of the same program that sends the events, on the same machine. They got {messages:N0} messages, each of them "
                + "the last total of every round."),
            new Figure(
                "live",
                "most messages that one stream got in a second",
                Quantity.Once(most, "messages"),
                null,
                Goal.Below(2),
                "By the time that each message says the account stood so."),
        ];

        Task<double> SendAsync()
        {
            events += EventsPerRound;
            return IngestRow.SendAsync(run, api, bodies.Make(EventsPerRound, Batch, oneCustomer: false), Batch, cancellationToken);
        }
    }
}
