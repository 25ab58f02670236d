using System.Runtime.InteropServices;

namespace LlmObserve.Bench.Results;

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(int Cores, string Processor, double MemoryGb, string System, string Architecture, string DotNet, string PostgreSql)
{
    public static Machine Here(string postgreSql) => new(
        Environment.ProcessorCount,
        ProcessorName(),
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.Version.ToString(),
        postgreSql);

    /// <summary>The same machine and software, so that lines of different runs may stand in one table.</summary>
    public bool IsLike(Machine other) => this == other;

    private static string ProcessorName()
    {
        // "model name	: AMD EPYC"
        const string info = "/proc/cpuinfo";
        var line = File.Exists(info) ? File.ReadLines(info).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? "unknown" : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
