namespace LlmObserve.Bench;

/// <summary>What other programs do while this one waits: figures of a shared machine need it beside them.</summary>
internal static class MachineLoad
{
    /// <summary>From here on the figures suffer visibly.</summary>
    public const int NoisyPercent = 25;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(700);

    /// <summary>How busy the processors are while we do nothing, in percent of all of them; 0 where the system does not say.</summary>
    public static async Task<int> OthersPercentAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var before = Read();
        await Task.Delay(s_look, time, cancellationToken);
        var after = Read();
        var all = after.All - before.All;
        return all <= 0 ? 0 : (int)Math.Round(100.0 * (all - (after.Idle - before.Idle)) / all);
    }

    // "cpu  user nice system idle iowait irq softirq steal …"
    private static (long All, long Idle) Read()
    {
        const string stat = "/proc/stat";
        if (!File.Exists(stat))
        {
            return default;
        }

        var counters = File.ReadLines(stat).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(long.Parse).ToArray();
        return (counters.Sum(), counters[3] + counters[4]);
    }
}
