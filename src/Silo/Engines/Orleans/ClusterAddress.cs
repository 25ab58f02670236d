using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LlmObserve.Silo.Engines;

/// <summary>Where a silo is reached, where nobody says.</summary>
internal static class ClusterAddress
{
    /// <summary>
    /// The address of this machine from which the database is reached: the other processes reach the same database, so most likely they can reach
    /// it. Loopback for a database on this machine.
    /// </summary>
    /// <exception cref="StartFailedException">The database's name cannot be resolved.</exception>
    public static IPAddress Towards(string connectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var host = database.Host?.Split(',')[0] ?? "";
        if (host.Length == 0 || host.StartsWith('/') || host.StartsWith('@'))
        {
            return IPAddress.Loopback;
        }

        try
        {
            // Nothing is sent: the system only chooses the way.
            using var way = new Socket(SocketType.Dgram, ProtocolType.Udp);
            way.Connect(host.Split(':')[0], database.Port);
            var chosen = ((IPEndPoint)way.LocalEndPoint!).Address;
            return chosen.IsIPv4MappedToIPv6 ? chosen.MapToIPv4() : chosen;
        }
        catch (SocketException unreachable)
        {
            throw new StartFailedException(
                $"No way to the database's host {host} is known ({unreachable.Message}). Say with --cluster-address where this process is reached.", unreachable);
        }
    }

    /// <summary>The two ports, free ones where none is asked for.</summary>
    public static (int Silo, int Gateway) Ports(ClusterEndpoint endpoint)
    {
        // Held together, so that they differ.
        using var first = new TcpListener(IPAddress.Any, 0);
        using var second = new TcpListener(IPAddress.Any, 0);
        first.Start();
        second.Start();
        return (Chosen(endpoint.SiloPort, first), Chosen(endpoint.GatewayPort, second));

        static int Chosen(int wanted, TcpListener free) => wanted != 0 ? wanted : ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
