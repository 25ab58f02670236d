using System.Net.Sockets;
using System.Text;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmObserve.Api.Tests.Http;

/// <summary>Bodies that are too large are refused for what they say of themselves, over bare sockets: nothing of them is sent.</summary>
public sealed class BodyLimitTests(AppFixture app) : IClassFixture<AppFixture>
{
    private const long Gigabyte = 1L << 30;

    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan s_longerThanAnyAnswer = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("/auth/login")]
    [InlineData("/auth/signup")]
    public async Task Body_OfADeclaredGigabyte_IsRefusedUnread(string path) =>
        Assert.Equal(413, await StatusAsync("POST", path, null, Gigabyte));

    [Fact]
    public async Task Body_OfADeclaredGigabyte_IsReadByNoRoute()
    {
        using var person = await app.SignUpAsync();
        var session = person.Session.DefaultRequestHeaders.Authorization!.Parameter;
        var routes = app.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(method => (Method: method, Route: route)) ?? [])
            .Where(route => route.Method is "POST" or "PUT" or "PATCH")
            .ToList();
        Assert.True(routes.Count > 8, $"Only {routes.Count} routes take a body.");

        Assert.Equal(413, await StatusAsync("POST", "/events", person.Key, Gigabyte));
        Assert.Equal(413, await StatusAsync("POST", "/caps", session, Gigabyte));
        Assert.Equal(413, await StatusAsync("POST", "/api-keys", session, Gigabyte));
        // Signing out is among them, so it ends some of these early; no route waits for a body that it will not take, or never looks at.
        foreach (var (method, route) in routes)
        {
            var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
                segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : Guid.NewGuid().ToString("N")));
            foreach (var token in (string?[])[null, person.Key, session])
            {
                var status = await StatusAsync(method, path, token, Gigabyte);
                Assert.True(status is >= 200 and < 500, $"{method} {path} answers {status}");
            }
        }
    }

    [Fact]
    public async Task Headers_OfMoreThanAServerReads_AreRefused()
    {
        Assert.Equal(431, await StatusAsync("GET", "/health", new string('x', 40_000), 0));
        Assert.Equal(414, await StatusAsync("GET", "/" + new string('x', 10_000), null, 0));
    }

    [Fact]
    public void Server_AsItIsSetUp_WaitsForNoSlowBodyAndReadsLittle()
    {
        var limits = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(BodyLimit.DefaultBytes, limits.MaxRequestBodySize);
        Assert.True(limits.MinRequestBodyDataRate is { BytesPerSecond: > 0 });
        Assert.True(limits.RequestHeadersTimeout <= TimeSpan.FromMinutes(1));
    }

    private async Task<int> StatusAsync(string method, string path, string? token, long length)
    {
        using var patience = new CancellationTokenSource(s_longerThanAnyAnswer);
        using var socket = new TcpClient();
        await socket.ConnectAsync(app.Address.Host, app.Address.Port, patience.Token);
        await using var stream = socket.GetStream();
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\n{authorization}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"),
            patience.Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync(patience.Token);
        return int.Parse(line!.Split(' ')[1]);
    }
}
