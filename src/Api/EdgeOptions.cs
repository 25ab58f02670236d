using System.Collections.Immutable;
using LlmObserve.Api.Http;
using LlmObserve.Api.Limits;

namespace LlmObserve.Api;

/// <summary>How the server meets the network: whom it believes, which pages may call it, and how much one caller may ask.</summary>
public sealed record EdgeOptions
{
    /// <summary>What holds where nobody says anything.</summary>
    public static EdgeOptions Default { get; } = new();

    public TrustedProxies Proxies { get; init; } = TrustedProxies.Loopback;

    /// <summary>Pages of other origins that may call the API from a browser, as in <c>https://app.example.com</c>.</summary>
    public ImmutableArray<string> CorsOrigins { get; init; } = [];

    public RateLimitOptions RateLimits { get; init; } = RateLimitOptions.Default;
}
