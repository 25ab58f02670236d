namespace LlmObserve.Bench.Running;

/// <summary>Two things measured in turn, so that whatever else the machine does falls on both.</summary>
internal static class Rounds
{
    /// <param name="count">Rounds after one of each that does not count: it warms up.</param>
    /// <param name="measured">One round of what is measured.</param>
    /// <param name="against">One round of what it is measured against.</param>
    public static async Task<(List<double> Measured, List<double> Against)> AlternateAsync(
        int count, Func<Task<double>> measured, Func<Task<double>> against)
    {
        await against();
        await measured();
        List<double> ours = [], theirs = [];
        for (var round = 0; round < count; round++)
        {
            theirs.Add(await against());
            ours.Add(await measured());
        }

        return (ours, theirs);
    }
}
