using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>Checks with holds, and the events that settle them: against a constant, against the same without holds, and against Redis.</summary>
internal static class HoldRow
{
    public const string Name = "hold";

    /// <summary>As the check's load has.</summary>
    public const int Callers = HttpLoad.Connections;

    /// <summary>Few enough that nobody waits for the processors: what one call takes.</summary>
    public const int Few = 4;

    /// <summary>Holds of one round: an account may have 50,000 open, and they are given back between rounds only.</summary>
    public const int Calls = 40_000;

    /// <summary>Calls of one round that is about one call's time.</summary>
    public const int FewCalls = 10_000;

    /// <summary>Rounds that count.</summary>
    public const int Counted = 5;

    private const int Cycles = 6_000;
    private const int FewCycles = 2_000;

    private static readonly string s_how =
        $"Plain sockets on the same machine, which take a part of it from the server in all cases alike; {Counted} rounds in turn, medians.";

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartAsync(
            run, Name, await run.FreshDatabaseAsync(Name, cancellationToken), cancellationToken);
        using var api = new ApiClient(server.Address);
        var load = new HoldLoad(server, await api.SignUpAsync(cancellationToken), run.Time);
        await CheckRow.CreateCapsAsync(api, cancellationToken);
        var figures = ImmutableArray.CreateBuilder<Figure>();
        foreach (var (what, measure) in ((string, Func<Task<IEnumerable<Figure>>>)[])
        [
            ("holds", () => HoldsAsync(load, api, cancellationToken)),
            ("holds and their events", () => CyclesAsync(load, api, cancellationToken)),
            ("durable writes", () => HoldWrites.FiguresAsync(run, load, cancellationToken)),
            ("beside Redis", () => HoldsBesideRedis.FiguresAsync(run, load, cancellationToken)),
        ])
        {
            run.Say($"  {what}…");
            figures.AddRange(await measure());
        }

        return figures.ToImmutable();
    }

    /// <summary>Fails where other than so many holds are open: a rate of holds that are not there would mean nothing.</summary>
    private static async Task VerifyOpenAsync(ApiClient api, int open, CancellationToken cancellationToken)
    {
        var page = await api.GetAsync("/caps/holds?limit=1", cancellationToken);
        if (page.GetProperty("open").GetInt32() != open)
        {
            throw new InvalidOperationException($"{page.GetProperty("open")} holds are open, not {open}.");
        }
    }

    private static async Task<IEnumerable<Figure>> HoldsAsync(HoldLoad load, ApiClient api, CancellationToken cancellationToken)
    {
        var many = await MeasureAsync(Callers, Calls);
        var few = await MeasureAsync(Few, FewCalls);
        const string what = "POST /caps/check with a hold on five caps";
        var note = "1,000 hard caps of which 5 match, limits that are never near, an estimate in tokens that is priced, held for 600 s; asked with an API key, "
            + $"given back after each round. Against GET /health of the same server, a constant, without one. {Calls:N0} requests over {Callers} connections, "
            + $"or {FewCalls:N0} over {Few}. The processor time is that of the server's process. {s_how}";
        return
        [
            Figure($"{what}, {Callers} connections", many, "requests/s", static pace => pace.PerSecond, Goal.RatioAtLeast(0.3)),
            Figure($"{what}, processor time", many, "µs", static pace => pace.ProcessorUs),
            Figure($"{what}, {Few} connections, p50", few, "ms", static pace => pace.MedianMs),
            Figure($"{what}, {Few} connections, p99", few, "ms", static pace => pace.P99Ms),
        ];

        Task<List<Pace>[]> MeasureAsync(int callers, int calls) => Rounds.InTurnAsync(
            Counted,
            () => load.BareAsync(callers, calls, times: 1, cancellationToken),
            () => load.HoldAsync(callers, calls, cancellationToken, () => VerifyOpenAsync(api, calls, cancellationToken)));

        Figure Figure(string name, List<Pace>[] rounds, string unit, Func<Pace, double> take, Goal? goal = null) => new(
            Name, name, Quantity.MedianOf(rounds[1].Select(take), unit), Quantity.MedianOf(rounds[0].Select(take), unit), goal, note);
    }

    private static async Task<IEnumerable<Figure>> CyclesAsync(HoldLoad load, ApiClient api, CancellationToken cancellationToken)
    {
        var many = await MeasureAsync(Callers, Cycles);
        var few = await MeasureAsync(Few, FewCycles);
        await VerifyOpenAsync(api, 0, cancellationToken);
        const string what = "hold, then the event that settles it";
        const string bare = "against two requests of the bare endpoint";
        const string without = "against GET /caps/check and the event";
        var note = $"One call's two requests, the event in a POST /events/ of its own and durable when it is answered; {Cycles:N0} calls over {Callers} connections, "
            + $"or {FewCycles:N0} over {Few}. Against two of GET /health, and against the same without a hold: GET /caps/check, then the event. {s_how}";
        return
        [
            Figure($"{what}, {Callers} connections, {bare}", many, 0, "calls/s", static pace => pace.PerSecond),
            Figure($"{what}, {Callers} connections, {without}", many, 1, "calls/s", static pace => pace.PerSecond, Goal.RatioAtLeast(0.7)),
            Figure($"{what}, processor time, {without}", many, 1, "µs", static pace => pace.ProcessorUs),
            Figure($"{what}, {Few} connections, p50, {without}", few, 1, "ms", static pace => pace.MedianMs),
            Figure($"{what}, {Few} connections, p99, {without}", few, 1, "ms", static pace => pace.P99Ms),
        ];

        Task<List<Pace>[]> MeasureAsync(int callers, int calls) => Rounds.InTurnAsync(
            Counted,
            () => load.BareAsync(callers, calls, times: 2, cancellationToken),
            () => load.CheckAndRecordAsync(callers, calls, cancellationToken),
            () => load.HoldAndSettleAsync(callers, calls, cancellationToken));

        Figure Figure(string name, List<Pace>[] rounds, int against, string unit, Func<Pace, double> take, Goal? goal = null) => new(
            Name, name, Quantity.MedianOf(rounds[2].Select(take), unit), Quantity.MedianOf(rounds[against].Select(take), unit), goal, note);
    }
}
