using LlmObserve.Bench.Baselines;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>The same decision as a script in Redis, in turn with holds.</summary>
internal static class HoldsBesideRedis
{
    /// <summary>When its file is made durable: within a second, or before each answer.</summary>
    private static readonly string[] s_policies = ["everysec", "always"];

    public static async Task<IEnumerable<Figure>> FiguresAsync(BenchRun run, HoldLoad load, CancellationToken cancellationToken)
    {
        if (RedisServer.FindVersion() is not { } version)
        {
            run.Say("redis-server is not installed: holds are not compared with it");
            return [];
        }

        await using var redis = await RedisServer.StartAsync(run, cancellationToken);
        var many = await MeasureAsync(HoldRow.Callers, HoldRow.Calls);
        var few = await MeasureAsync(HoldRow.Few, HoldRow.FewCalls);
        var note = $"Redis {version}, appendonly, in a process of its own: a Lua script (EVALSHA) checks spent + held + amount ≤ limit in five hashes, adds to all of them or to none, "
            + "and sets a key that lives 600 s. Asked over its own protocol: no HTTP, no JSON, no key to check, no price, no caps to match; nor does it give an amount back when its key is "
            + "gone. With everysec a crash forgets up to a second of reservations, with always none; a hold of ours is under a durable ceiling before it is granted, so a crash "
            + "forgets none. The load takes more of the machine than Redis does, so rates say less than the processor time of each process. "
            + $"The same number of connections and calls as in the lines against the bare endpoint; {HoldRow.Counted} rounds in turn, medians.";
        return s_policies.SelectMany((policy, at) => (Figure[])
        [
            Figure($"hold against Redis, appendfsync {policy}, {HoldRow.Callers} connections", many, at, "requests/s", static pace => pace.PerSecond),
            Figure($"hold against Redis, appendfsync {policy}, processor time", many, at, "µs", static pace => pace.ProcessorUs),
            Figure($"hold against Redis, appendfsync {policy}, {HoldRow.Few} connections, p50", few, at, "ms", static pace => pace.MedianMs),
            Figure($"hold against Redis, appendfsync {policy}, {HoldRow.Few} connections, p99", few, at, "ms", static pace => pace.P99Ms),
        ]);

        Task<List<Pace>[]> MeasureAsync(int callers, int calls) => Rounds.InTurnAsync(
            HoldRow.Counted,
            [
                .. s_policies.Select(policy => (Func<Task<Pace>>)(() => RedisReserve.ReserveAsync(redis, policy, callers, calls, run.Time, cancellationToken))),
                () => load.HoldAsync(callers, calls, cancellationToken),
            ]);

        Figure Figure(string name, List<Pace>[] rounds, int against, string unit, Func<Pace, double> take) => new(
            HoldRow.Name, name, Quantity.MedianOf(rounds[^1].Select(take), unit), Quantity.MedianOf(rounds[against].Select(take), unit), null, note);
    }
}
