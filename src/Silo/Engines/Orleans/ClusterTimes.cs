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

    /// <summary>How long anybody may believe in a silo that has left without a word that reached them.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest a caller waits for a grain. A commit in a slow database takes seconds at worst; what takes longer has been lost with its silo.
    /// </summary>
    private static readonly TimeSpan Response = TimeSpan.FromSeconds(10);

    public static void Set(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = Probe;
        options.NumMissedProbesLimit = MissedProbes;
        options.TableRefreshTimeout = Refresh;
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    public static void Set(GatewayOptions options) => options.GatewayListRefreshPeriod = Refresh;

    public static void Set(ClientMessagingOptions options) => options.ResponseTimeout = Response;

    public static void Set(SiloMessagingOptions options) => options.ResponseTimeout = Response;
}
