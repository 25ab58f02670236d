using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using LlmObserve.Api;
using LlmObserve.Api.Http;
using LlmObserve.Api.Limits;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Silo;

/// <summary>How the server meets the network, as the environment says it.</summary>
internal static class EdgeVariables
{
    public const string Proxies = "LLMOBSERVE_TRUSTED_PROXIES";
    public const string Origins = "LLMOBSERVE_CORS_ORIGINS";
    public const string PerKey = "LLMOBSERVE_RATE_LIMIT_PER_KEY";
    public const string PerAccount = "LLMOBSERVE_RATE_LIMIT_PER_ACCOUNT";
    public const string PerAddress = "LLMOBSERVE_RATE_LIMIT_PER_IP";

    /// <summary>Nobody's word is taken.</summary>
    private const string NoProxies = "none";

    /// <summary>Reads it. What is not set stays as it is by default.</summary>
    /// <param name="variable">The environment.</param>
    /// <exception cref="StartFailedException">Something in it cannot be meant; the message names all of it.</exception>
    public static EdgeOptions Read(Func<string, string?> variable)
    {
        var faults = new List<string>();
        var limits = RateLimitOptions.Default;
        var options = new EdgeOptions
        {
            Proxies = ReadProxies(variable(Proxies), faults),
            CorsOrigins = ReadOrigins(variable(Origins), faults),
            RateLimits = new RateLimitOptions
            {
                PerKey = ReadRate(PerKey, variable(PerKey), limits.PerKey, faults),
                PerAccount = ReadRate(PerAccount, variable(PerAccount), limits.PerAccount, faults),
                PerAddress = ReadRate(PerAddress, variable(PerAddress), limits.PerAddress, faults),
            },
        };
        return faults.Count == 0 ? options : throw new StartFailedException(string.Join('\n', faults));
    }

    private static TrustedProxies ReadProxies(string? text, List<string> faults)
    {
        if (Words(text) is not { Length: > 0 } words)
        {
            return TrustedProxies.Loopback;
        }

        if (words is [NoProxies])
        {
            return TrustedProxies.None;
        }

        var networks = new List<IPNetwork>();
        foreach (var word in words)
        {
            var fault = NetworkText.Read(word, out var network);
            if (fault == NetworkFault.None)
            {
                networks.Add(network);
            }
            else
            {
                faults.Add(fault == NetworkFault.HostBits
                    ? $"{Proxies}: '{word}' has bits beyond its prefix; the network is {network}."
                    : $"{Proxies}: '{word}' is no address or network like 10.0.0.5 or 10.0.0.0/24, nor {NoProxies} alone.");
            }
        }

        return TrustedProxies.LoopbackAnd(networks);
    }

    private static ImmutableArray<string> ReadOrigins(string? text, List<string> faults)
    {
        var origins = ImmutableArray.CreateBuilder<string>();
        foreach (var word in Words(text))
        {
            if (word.Contains('*', StringComparison.Ordinal))
            {
                faults.Add($"{Origins}: '{word}' would open the API to pages that nobody named; list each origin.");
            }
            else if (Uri.TryCreate(word, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == word)
            {
                origins.Add(word);
            }
            else
            {
                faults.Add($"{Origins}: '{word}' is no origin like https://app.example.com: scheme, host in lower case and port, and nothing after it.");
            }
        }

        return [.. origins.Distinct(StringComparer.Ordinal)];
    }

    private static int ReadRate(string name, string? text, int otherwise, List<string> faults)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return otherwise;
        }

        if (int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var perSecond) && perSecond <= RateLimitOptions.MaxPerSecond)
        {
            return perSecond;
        }

        faults.Add(string.Create(
            CultureInfo.InvariantCulture, $"{name}: '{text}' is no whole number of requests a second from 0, which is no limit, to {RateLimitOptions.MaxPerSecond}."));
        return otherwise;
    }

    private static string[] Words(string? text) => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
