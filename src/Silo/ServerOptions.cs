using System.Net;

namespace LlmObserve.Silo;

/// <summary>What the command line and the environment say.</summary>
/// <param name="Urls">The API's address, or several between semicolons. Port 0 takes a free one.</param>
/// <param name="WebUrls">The dashboard's, likewise.</param>
/// <param name="Data">The directory for everything that is kept.</param>
public sealed record ServerOptions(string Urls, string WebUrls, string Data)
{
    /// <summary>The defaults of <c>./dev run</c>.</summary>
    public static ServerOptions Default { get; } = new("http://localhost:8000", "http://localhost:3000", "./.data");

    /// <summary>What this process does.</summary>
    public ServerRoles Roles { get; init; } = ServerRoles.All;

    /// <summary>Where a dashboard without an API in its process finds one.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>Where the other processes of a cluster reach this one's grains.</summary>
    public ClusterEndpoint Endpoint { get; init; } = new(null, 0, 0);
}

/// <summary>Where the other processes of a cluster reach a silo; the membership table tells them.</summary>
/// <param name="Address">Its own address; null finds the one from which the database is reached.</param>
/// <param name="SiloPort">For silos; 0 takes a free one.</param>
/// <param name="GatewayPort">For processes without grains; 0 takes a free one.</param>
public sealed record ClusterEndpoint(IPAddress? Address, int SiloPort, int GatewayPort);
