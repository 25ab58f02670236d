using LlmObserve.Api.Http;
using LlmObserve.Api.Limits;
using LlmObserve.Silo;

namespace LlmObserve.Api.Tests.Limits;

public sealed class EdgeVariablesTests
{
    [Fact]
    public void Read_NoVariables_IsTheDefault()
    {
        Assert.Equal(RateLimitOptions.Default, Read().RateLimits);
        Assert.Equal(TrustedProxies.Loopback.Networks, Read().Proxies.Networks);
        Assert.Empty(Read().CorsOrigins);
    }

    [Fact]
    public void Read_Variables_AreTaken()
    {
        var edge = Read(
            (EdgeVariables.Proxies, "10.0.0.5, 2001:db8::/32"),
            (EdgeVariables.Origins, "https://app.example.com,http://localhost:5173"),
            (EdgeVariables.PerKey, "50"),
            (EdgeVariables.PerAccount, "0"),
            (EdgeVariables.PerAddress, " 7 "));

        Assert.Equal(["127.0.0.0/8", "::1/128", "10.0.0.5/32", "2001:db8::/32"], edge.Proxies.Networks.Select(network => network.ToString()));
        Assert.Equal(["https://app.example.com", "http://localhost:5173"], edge.CorsOrigins.ToArray());
        Assert.Equal(new RateLimitOptions { PerKey = 50, PerAccount = 0, PerAddress = 7 }, edge.RateLimits);
        Assert.Empty(Read((EdgeVariables.Proxies, "none")).Proxies.Networks);
    }

    [Fact]
    public void Read_WhatCannotBeMeant_NamesAllOfIt()
    {
        (string Name, string Value)[] faults =
        [
            (EdgeVariables.Proxies, "proxy.internal,10.0.0.1/8"),
            (EdgeVariables.Origins, "*,app.example.com,https://app.example.com/,https://App.example.com,ftp://example.com,https://*.example.com"),
            (EdgeVariables.PerKey, "-1"),
            (EdgeVariables.PerAccount, "many"),
            (EdgeVariables.PerAddress, "1000001"),
        ];

        var refused = Assert.Throws<StartFailedException>(() => Read(faults));

        Assert.Equal(11, refused.Message.Split('\n').Length);
        foreach (var (name, value) in faults)
        {
            foreach (var word in value.Split(','))
            {
                Assert.Contains(refused.Message.Split('\n'), line => line.StartsWith($"{name}: '{word}'", StringComparison.Ordinal));
            }
        }
    }

    private static Api.EdgeOptions Read(params (string Name, string Value)[] variables) =>
        EdgeVariables.Read(name => variables.LastOrDefault(variable => variable.Name == name).Value);
}
