using System.Collections.Immutable;
using LlmObserve.Bench.Baselines;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;
using LlmObserve.LocalOrleans;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.Bench.Rows;

/// <summary>A call to a grain of the in-process engine, against a call to a bare channel actor.</summary>
internal static class GrainRow
{
    private const int Counted = 9;
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(500);

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddSingleton(run.Time);
        services.AddLocalOrleans(options => options.GrainAssemblies.Add(typeof(CountGrain).Assembly));
        await using var provider = services.BuildServiceProvider();
        await using var actor = new ChannelActor();
        var grain = provider.GetRequiredService<IGrainFactory>().GetGrain<ICountGrain>("bench");

        return
        [
            await MeasureAsync(run, 1, "one caller", Goal.RatioAtLeast(0.5), grain, actor),
            await MeasureAsync(run, 64, "64 callers", Goal.RatioAtLeast(0.1), grain, actor),
        ];
    }

    private static async Task<Figure> MeasureAsync(BenchRun run, int callers, string what, Goal goal, ICountGrain grain, ChannelActor actor)
    {
        var (calls, bare) = await Rounds.AlternateAsync(
            Counted, () => CallAsync(run.Time, callers, () => grain.AddAsync(1)), () => CallAsync(run.Time, callers, () => actor.AddAsync(1)));
        return new Figure(
            "grain",
            $"call, {what}",
            Quantity.MedianOf(calls, "calls/s"),
            Quantity.MedianOf(bare, "calls/s"),
            goal,
            $"One grain of the Local engine and one bare channel actor, which add a number and answer the sum; {Counted} rounds of "
            + $"{s_round.TotalSeconds} s each in turn, medians.");
    }

    /// <summary>Calls per second: each caller waits for its answer before it calls again.</summary>
    private static async Task<double> CallAsync(TimeProvider time, int callers, Func<Task<long>> call)
    {
        // A look at the clock takes as long as a tenth of a bare call.
        const int callsPerLook = 16;
        var started = time.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            long count = 0;
            do
            {
                for (var i = 0; i < callsPerLook; i++)
                {
                    await call();
                }

                count += callsPerLook;
            }
            while (time.GetElapsedTime(started) < s_round);

            return count;
        })));
        return counts.Sum() / time.GetElapsedTime(started).TotalSeconds;
    }
}
