using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Rows;

namespace LlmObserve.Bench;

/// <summary>One benchmark: some lines of the table.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="RunAsync">Measures.</param>
internal sealed record BenchRow(string Name, Func<BenchRun, CancellationToken, Task<ImmutableArray<Figure>>> RunAsync)
{
    /// <summary>It needs what not every machine has.</summary>
    public bool OnlyByName { get; init; }
}

/// <summary>All of them, in the order of the table; those that need a fresh database come before the one that fills it.</summary>
internal static class BenchRows
{
    /// <summary>Pure functions, by BenchmarkDotNet: takes its own time and has no ratio to reach.</summary>
    public const string Micro = "micro";

    public static readonly ImmutableArray<BenchRow> All =
    [
        new("check", CheckRow.RunAsync),
        new(HoldRow.Name, HoldRow.RunAsync),
        new("ingest", IngestRow.RunAsync),
        new("live", LiveRow.RunAsync),
        new("grain", GrainRow.RunAsync),
        new("queries", QueriesRow.RunAsync),
        new("memory", MemoryRow.RunAsync),
        new("activation", ActivationRow.RunAsync),
        new("cluster", ClusterRow.RunAsync) { OnlyByName = true },
    ];

    public static IEnumerable<string> Names => All.Select(row => row.Name).Append(Micro);
}
