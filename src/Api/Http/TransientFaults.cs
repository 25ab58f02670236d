using System.Data.Common;
using System.Net.Sockets;

namespace LlmObserve.Api.Http;

/// <summary>Tells "try again later" from "this is broken".</summary>
internal static class TransientFaults
{
    /// <summary>
    /// A database that is down, restarting or full of connections, an account that cannot be loaded, a call that took too long.
    /// </summary>
    public static bool IsTransient(Exception? e) => e switch
    {
        null => false,
        TimeoutException or SocketException => true,
        DbException database => database.IsTransient || IsTransient(database.InnerException),
        _ => IsTransient(e.InnerException),
    };
}
