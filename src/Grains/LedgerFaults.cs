using System.Net.Sockets;
using Npgsql;

namespace LlmObserve.Grains;

/// <summary>Tells a database that does not answer from a fault of our own.</summary>
internal static class LedgerFaults
{
    /// <summary>Whether this is the database, the way to it, or a time-out on it: worth another try later.</summary>
    internal static bool IsDatabaseFault(Exception e) =>
        e is NpgsqlException or SocketException or TimeoutException or OperationCanceledException or IOException;
}
