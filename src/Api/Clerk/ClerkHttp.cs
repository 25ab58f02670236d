using System.Net;

namespace LlmObserve.Api.Clerk;

/// <summary>Connections to Clerk.</summary>
internal static class ClerkHttp
{
    /// <summary>A name that moves is followed after this.</summary>
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>A client whose answers may have <paramref name="maxBytes"/>. Time is the caller's, by its own clock.</summary>
    public static HttpClient Create(int maxBytes) => new(new SocketsHttpHandler
    {
        // Keys and users come from the address that was configured, or not at all.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = s_connectionLifetime,
    })
    {
        MaxResponseContentBufferSize = maxBytes,
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
