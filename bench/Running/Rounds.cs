namespace LlmObserve.Bench.Running;

/// <summary>Things measured in turn, so that whatever else the machine does falls on all of them.</summary>
internal static class Rounds
{
    /// <param name="count">Rounds after one of each that does not count: it warms up.</param>
    /// <param name="measured">One round of what is measured.</param>
    /// <param name="against">One round of what it is measured against.</param>
    public static async Task<(List<double> Measured, List<double> Against)> AlternateAsync(
        int count, Func<Task<double>> measured, Func<Task<double>> against)
    {
        var rounds = await InTurnAsync(count, against, measured);
        return (rounds[1], rounds[0]);
    }

    /// <summary>The same of any number of things; what the rounds of each gave, in order.</summary>
    public static async Task<List<T>[]> InTurnAsync<T>(int count, params Func<Task<T>>[] things)
    {
        var rounds = things.Select(static _ => new List<T>()).ToArray();
        for (var round = 0; round <= count; round++)
        {
            for (var i = 0; i < things.Length; i++)
            {
                var gave = await things[i]();
                if (round > 0)
                {
                    rounds[i].Add(gave);
                }
            }
        }

        return rounds;
    }
}
