namespace LlmObserve.Api.Live;

/// <summary>What streams of changes may take, and their times.</summary>
internal static class LiveLimits
{
    /// <summary>Of one account in one process: every open page is one, and the largest team has hundreds.</summary>
    public const int MaxStreamsPerAccount = 2_000;

    /// <summary>Of all accounts in one process. Each is a connection that takes about 20 KB.</summary>
    public const int MaxStreams = 10_000;

    /// <summary>A page closes when somebody goes home, not within a second.</summary>
    public const int FullRetryAfterSeconds = 10;

    /// <summary>What a client waits before it comes back after a stream has ended.</summary>
    public const int RetryMs = 1_000;

    /// <summary>Proxies end connections that are silent for 30 or 60 seconds.</summary>
    public static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <summary>A stream's credential is looked at again with the first heartbeat after so long: with every second one, each half minute.</summary>
    public static readonly TimeSpan CheckAfter = TimeSpan.FromSeconds(20);

    /// <summary>After a watch that could not be renewed.</summary>
    public static readonly TimeSpan RewatchAfter = TimeSpan.FromSeconds(2);
}
