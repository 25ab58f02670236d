using System.Data.Common;
using System.Net.Sockets;
using LlmObserve.Grains.Interfaces.Accounts;
using Orleans.Runtime;

namespace LlmObserve.Api.Http;

/// <summary>Tells "try again later" from "this is broken".</summary>
internal static class TransientFaults
{
    /// <summary>
    /// A database that is down, restarting or full of connections, an account that cannot be loaded, a silo that is gone, a call that took too
    /// long.
    /// </summary>
    public static bool IsTransient(Exception? e) => e switch
    {
        null => false,
        // What the engine itself throws is about the way to a grain, never about what was asked of it.
        TimeoutException or SocketException or AccountUnavailableException or OrleansException => true,
        DbException database => database.IsTransient || IsShutdown(database.SqlState) || IsTransient(database.InnerException),
        _ => IsTransient(e.InnerException),
    };

    /// <summary>SQL states 57P..: the server is going down, has crashed, or is starting.</summary>
    private static bool IsShutdown(string? sqlState) => sqlState?.StartsWith("57P", StringComparison.Ordinal) ?? false;
}
