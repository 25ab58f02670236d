namespace LlmObserve.Silo.Engines;

/// <summary>A process without grains waits for silos as long as it takes, and says so.</summary>
internal sealed partial class WaitForCluster(TimeProvider time, ILogger<WaitForCluster> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaiting(log, exception.Message);
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for the cluster: no silo answers yet ({Reason})")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
