namespace LlmObserve.Bench.Running;

/// <summary>In place of wrk: the same bytes over and over on plain sockets.</summary>
internal static class RawHttpLoad
{
    public static async Task<double> RunAsync(HttpLoad load, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = RawRequest.Get(load.Url, load.Bearer);
        var started = time.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, load.ConnectionCount).Select(_ => Task.Run(
            async () =>
            {
                using var connection = await RawHttpConnection.OpenAsync(load.Url, cancellationToken);
                long count = 0;
                for (; time.GetElapsedTime(started) < duration; count++)
                {
                    await connection.AskAsync(request, cancellationToken);
                }

                return count;
            },
            cancellationToken)));
        return counts.Sum() / time.GetElapsedTime(started).TotalSeconds;
    }
}
