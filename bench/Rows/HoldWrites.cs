using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>How often holds wait for the disk: the transactions that PostgreSQL commits meanwhile, whatever they are for.</summary>
internal static class HoldWrites
{
    private const int HoldsToLimit = 1_000;
    private const int Cycles = 6_000;
    private const int Counted = 5;

    public static async Task<IEnumerable<Figure>> FiguresAsync(BenchRun run, HoldLoad load, CancellationToken cancellationToken)
    {
        List<double> far = [], full = [];
        for (var round = 0; round < Counted; round++)
        {
            far.Add(await OfHoldsAsync(run, load, HoldRow.Calls, cancellationToken));
            full.Add(await OfFullCapsAsync(run, load.Server, cancellationToken));
        }

        var cycles = await Rounds.InTurnAsync(
            Counted,
            () => OfAsync(run, Cycles, () => load.CheckAndRecordAsync(HoldRow.Callers, Cycles, cancellationToken), cancellationToken),
            () => OfAsync(run, Cycles, () => load.HoldAndSettleAsync(HoldRow.Callers, Cycles, cancellationToken), cancellationToken));
        var note = "All transactions of PostgreSQL that wrote something meanwhile, by its transaction ids; one ceiling write covers all caps of all holds that wait. "
            + $"{HoldRow.Callers} connections. Limits that are never near: {HoldRow.Calls:N0} holds of ${HoldLoad.AmountUsd} under limits of $1,000,000. Limits that fill up: "
            + $"{HoldsToLimit:N0} holds of a new account, which fill five limits of ${HoldLoad.AmountUsd * HoldsToLimit:0} to the last cent. Settled: {Cycles:N0} calls, "
            + $"against the same events without holds. {Counted} rounds, medians; the mean where limits are never near, since one write covers the holds of a "
            + "minute. Counted until all holds are open, not while they are given back.";
        return
        [
            // Not their median: most rounds need none.
            new Figure(HoldRow.Name, "durable writes, limits that are never near", new Quantity(far.Average(), "per 1,000 holds", [.. far]), null, null, note),
            new Figure(HoldRow.Name, "durable writes, limits that fill up", Quantity.MedianOf(full, "per 1,000 holds"), null, Goal.Below(100), note),
            new Figure(
                HoldRow.Name, "durable writes, holds and the events that settle them",
                Quantity.MedianOf(cycles[1], "per 1,000 calls"), Quantity.MedianOf(cycles[0], "per 1,000 calls"), null, note),
        ];
    }

    private static async Task<double> OfFullCapsAsync(BenchRun run, ServerProcess server, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(server.Address);
        var load = new HoldLoad(server, await api.SignUpAsync(cancellationToken), run.Time);
        await CheckRow.CreateMatchingCapsAsync(api, cancellationToken, HoldLoad.AmountUsd * HoldsToLimit);
        return await OfHoldsAsync(run, load, HoldsToLimit, cancellationToken);
    }

    /// <summary>Until all of them are open: what is written when they are given back is not counted.</summary>
    private static async Task<double> OfHoldsAsync(BenchRun run, HoldLoad load, int holds, CancellationToken cancellationToken)
    {
        var written = 0L;
        var before = await TransactionsAsync(run, cancellationToken);
        await load.HoldAsync(
            HoldRow.Callers, holds, cancellationToken, async () => written = await TransactionsAsync(run, cancellationToken) - before);
        return written * 1_000.0 / holds;
    }

    private static async Task<double> OfAsync(BenchRun run, int calls, Func<Task> measure, CancellationToken cancellationToken)
    {
        var before = await TransactionsAsync(run, cancellationToken);
        await measure();
        return (await TransactionsAsync(run, cancellationToken) - before) * 1_000.0 / calls;
    }

    /// <summary>Transactions that wrote something, of the whole server since it was made. One that only reads, as this does, takes no id.</summary>
    private static async Task<long> TransactionsAsync(BenchRun run, CancellationToken cancellationToken) =>
        long.Parse((await run.QueryAsync("SELECT pg_snapshot_xmax(pg_current_snapshot())::text", cancellationToken))[0]);
}
