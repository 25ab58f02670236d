using System.Collections.Immutable;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace LlmObserve.Api.Http;

/// <summary>
/// Whose word is taken for where a request came from (<c>X-Forwarded-For</c>) and whether it was https (<c>X-Forwarded-Proto</c>). What anybody
/// else says is passed over.
/// </summary>
/// <param name="Networks">None: nobody's word is taken.</param>
public sealed record TrustedProxies(ImmutableArray<IPNetwork> Networks)
{
    private static readonly ImmutableArray<IPNetwork> s_loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>This machine's own: a proxy beside the server, and the dashboard that asks for its users.</summary>
    public static TrustedProxies Loopback { get; } = new(s_loopback);

    /// <summary>Nobody.</summary>
    public static TrustedProxies None { get; } = new(ImmutableArray<IPNetwork>.Empty);

    /// <summary>This machine's own, and these.</summary>
    public static TrustedProxies LoopbackAnd(IEnumerable<IPNetwork> networks) => new([.. s_loopback, .. networks]);

    /// <summary>Puts the client's address and scheme in the place of the proxy's; for any application of this server.</summary>
    public void Use(IApplicationBuilder app)
    {
        if (Networks.IsEmpty)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // From the nearest back, as long as each is trusted: proxies stand behind proxies.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in Networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
