using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace LlmObserve.Bench.Micro;

/// <summary>The pure functions on the way of every event and check, by BenchmarkDotNet.</summary>
internal static class MicroBenchmarks
{
    public static void Run()
    {
        // In this process: the usual toolchain builds a project of its own, which takes a minute and a registry.
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Repository.InRoot("BenchmarkDotNet.Artifacts"));
        BenchmarkSwitcher.FromTypes([typeof(PriceBenchmarks), typeof(CapBenchmarks), typeof(ParseBenchmarks), typeof(TelemetryBenchmarks)]).RunAll(config);
    }
}
