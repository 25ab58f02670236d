using LlmObserve.Storage.Cluster;
using Npgsql;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Placement;
using Orleans.Serialization;

namespace LlmObserve.Silo.Engines;

/// <summary>The cluster engine: silos find each other, and other processes find silos, in PostgreSQL.</summary>
internal static class GrainHosting
{
    /// <summary>One cluster per database, so one name does.</summary>
    internal const string Name = "llmobserve";

    private const string Invariant = "Npgsql";

    public static bool IsCluster => true;

    /// <summary>Every combination of roles can be had.</summary>
    public static void Require(ServerRoles roles)
    {
    }

    public static void AddSilo(IHostApplicationBuilder builder, string connectionString, ClusterEndpoint endpoint)
    {
        Quiet(builder.Logging);
        builder.UseOrleans(silo => Configure(silo, connectionString, endpoint));
        builder.Services.AddHostedService<SiloAnnouncement>();
    }

    /// <summary>Clears the way into a cluster of which nobody is left.</summary>
    public static Task PrepareSiloAsync(IServiceProvider services, NpgsqlDataSource database, CancellationToken cancellationToken) => GoneCluster.BuryAsync(
        Name, new ClusterMembersStore(database), TimeProvider.System, services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GoneCluster)), cancellationToken);

    /// <summary>A sentence for a start that failed for the cluster; null for any other reason.</summary>
    public static string? Explain(Exception failed) => failed switch
    {
        OrleansClusterConnectivityCheckFailedException =>
            $"This silo cannot reach others that live, and may not join without: {failed.Message} Look at the network between them, and at --cluster-address.",
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    private static void Configure(ISiloBuilder silo, string connectionString, ClusterEndpoint endpoint)
    {
        var (siloPort, gatewayPort) = ClusterAddress.Ports(endpoint);
        silo.Configure<ClusterOptions>(Names)
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString))
            // An address that others were told may be a machine's outer one, so all of its own are listened on; one that was found is its own.
            .ConfigureEndpoints(
                endpoint.Address ?? ClusterAddress.Towards(connectionString), siloPort, gatewayPort, listenOnAnyHostAddress: endpoint.Address is not null);
        Configure(silo, connectionString);
    }

    /// <summary>What Orleans notes about itself at a start, and repeats while it waits: we say the same once.</summary>
    private static void Quiet(ILoggingBuilder logging) => logging
        .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)
        .AddFilter("Orleans.Messaging.GatewayManager", LogLevel.Error);

    public static void AddClient(IHostApplicationBuilder builder, string connectionString)
    {
        Quiet(builder.Logging);
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(Names)
                .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString))
                .UseConnectionRetryFilter<WaitForCluster>();
            Configure(client);
        });
    }

    /// <summary>What every silo has, however silos find each other: the grains' state, their places, and times.</summary>
    internal static void Configure(ISiloBuilder silo, string connectionString)
    {
        silo.AddAdoNetGrainStorageAsDefault(options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString))
            .Configure<ClusterMembershipOptions>(ClusterTimes.Set)
            .Configure<SiloMessagingOptions>(ClusterTimes.Set)
            .AddActivityPropagation()
            .Configure<ExceptionSerializationOptions>(SendOurs);
        silo.Services.AddSingleton<IPlacementStrategyResolver, FollowersNearTheirAccount>();
    }

    /// <summary>What every client has, however it finds silos.</summary>
    internal static void Configure(IClientBuilder client) => client
        .Configure<GatewayOptions>(ClusterTimes.Set)
        .Configure<ClientMessagingOptions>(ClusterTimes.Set)
        .AddActivityPropagation()
        .Configure<ExceptionSerializationOptions>(SendOurs);

    /// <summary>
    /// An exception arrives as what it is only where every one inside it may be sent too: "unavailable" has the database's own inside.
    /// </summary>
    internal static void SendOurs(ExceptionSerializationOptions options) =>
        options.SupportedNamespacePrefixes.UnionWith([nameof(LlmObserve), nameof(Npgsql)]);

    private static void Names(ClusterOptions options) => (options.ClusterId, options.ServiceId) = (Name, Name);
}
