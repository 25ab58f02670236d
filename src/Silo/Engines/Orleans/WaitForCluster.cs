namespace LlmObserve.Silo.Engines;

/// <summary>A process without grains waits for silos as long as it takes, and says so.</summary>
internal sealed partial class WaitForCluster(TimeProvider time, ILogger<WaitForCluster> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How often it says so.</summary>
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    private long? _said;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_said is not { } said || time.GetElapsedTime(said) >= SayEvery)
        {
            LogWaiting(log, exception.Message);
            _said = time.GetTimestamp();
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for the cluster: no silo answers yet ({Reason})")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
