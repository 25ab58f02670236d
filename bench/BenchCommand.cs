using LlmObserve.Bench.Micro;
using LlmObserve.Bench.Results;

namespace LlmObserve.Bench;

/// <summary>Runs what was asked for and writes the results.</summary>
internal static class BenchCommand
{
    /// <returns>0; also where a goal was not met, since that is a result. An error has no result.</returns>
    public static async Task<int> RunAsync(string[] names, string data, string? clusterServer, TimeProvider time, CancellationToken cancellationToken)
    {
        if (names.Contains(BenchRows.Micro))
        {
            MicroBenchmarks.Run();
        }

        var rows = BenchRows.All.Where(row => names.Length == 0 ? !row.OnlyByName : names.Contains(row.Name)).ToList();
        if (rows.Count == 0)
        {
            return 0;
        }

        var started = time.GetTimestamp();
        await using var run = new BenchRun(data, time) { ClusterServer = clusterServer };
        var commit = await Repository.CommitAsync(cancellationToken);
        List<Figure> figures = [];
        foreach (var row in rows)
        {
            // What a row before it left behind in memory is not its business.
            GC.Collect();
            var others = await MachineLoad.OthersPercentAsync(time, cancellationToken);
            run.Say($"{row.Name}…{(others > MachineLoad.NoisyPercent ? $" (other programs keep the processors {others} % busy)" : "")}");
            var measured = await row.RunAsync(run, cancellationToken);
            figures.AddRange(measured.Select(figure => figure with { At = time.GetUtcNow(), Commit = commit, OthersPercent = others }));
            Console.WriteLine(Report.ToConsole(measured) + "\n");
        }

        var machine = Machine.Here(await run.PostgresVersionAsync(cancellationToken));
        var report = new Report(time.GetUtcNow(), commit, machine, [.. figures]);
        report = await report.WithEarlierAsync([.. BenchRows.Names], cancellationToken);
        await report.WriteAsync(cancellationToken);
        if (rows.Count > 1)
        {
            Console.WriteLine(Report.ToConsole(figures));
        }

        var goals = figures.Count(figure => figure.Goal is not null);
        var missed = figures.Count(figure => !figure.Met);
        run.Say($"{goals - missed} of {goals} goals met, {time.GetElapsedTime(started).TotalMinutes:0.0} min. bench/results/latest.md");
        return 0;
    }
}
