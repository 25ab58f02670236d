using Orleans.Configuration;

namespace LlmObserve.Silo.Engines;

/// <summary>
/// How long a cluster waits for what. A silo that is gone is noticed after (missed probes × time between them) and its grains are made anew
/// elsewhere by the next call; docs/operations.md has what was measured.
/// </summary>
internal static class ClusterTimes
{
    /// <summary>Between two probes, and how long one may take: a pause of a collection or of a busy machine stays well below three of them.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1);

    private const int MissedProbes = 2;

    /// <summary>How often a silo writes that it lives: one small update.</summary>
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo tries to reach all others before it gives up joining.</summary>
    public static readonly TimeSpan Join = TimeSpan.FromMinutes(1);

    /// <summary>How long anybody may believe in a silo that has left without a word that reached them.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <summary>The longest a grain waits for another. Calls to a silo that is found dead end with that; the rest may have a slow database behind it.</summary>
    private static readonly TimeSpan GrainResponse = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest a request waits for a grain before it asks again, where it may (<c>GrainCalls</c>). What was on its way through a gateway that
    /// died is never answered, and nobody says so: this is how long it takes to notice.
    /// </summary>
    private static readonly TimeSpan RequestResponse = TimeSpan.FromSeconds(3);

    public static void Set(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = Probe;
        options.NumMissedProbesLimit = MissedProbes;
        options.TableRefreshTimeout = Refresh;
        options.IAmAliveTablePublishTimeout = SignOfLife;
        options.MaxJoinAttemptTime = Join;
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    public static void Set(GatewayOptions options) => options.GatewayListRefreshPeriod = Refresh;

    public static void Set(ClientMessagingOptions options) => options.ResponseTimeout = RequestResponse;

    public static void Set(SiloMessagingOptions options) => options.ResponseTimeout = GrainResponse;
}
