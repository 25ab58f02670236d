using System.Net;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using IPNetwork = System.Net.IPNetwork;

namespace LlmObserve.Api.Tests.Http;

/// <summary>What every request and answer has in common, whatever its route.</summary>
public sealed class EdgeTests
{
    private static readonly string[] s_kinds = ["/health", "/nothing", "/closed", "/broken", "/late"];

    [Theory]
    [InlineData("a")]
    [InlineData("4bf92f3577b34da6-a3ce.929d_0e0e4736")]
    public async Task RequestId_ThatIsOne_IsTakenFromTheRequest(string id)
    {
        await using var host = await StartAsync();

        foreach (var path in s_kinds)
        {
            Assert.Equal(id, Header(await GetAsync(host, path, ("X-Request-Id", id)), "X-Request-Id"));
        }

        Assert.Equal(id, await (await GetAsync(host, "/id", ("X-Request-Id", id))).Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a,b")]
    [InlineData("<script>")]
    [InlineData("long")]
    public async Task RequestId_ThatIsNone_IsMade(string? id)
    {
        await using var host = await StartAsync();
        id = id == "long" ? new string('x', AnswerHeaders.MaxRequestIdLength + 1) : id;

        var made = new List<string>();
        foreach (var path in (string[])[.. s_kinds, .. s_kinds])
        {
            made.Add(Header(await GetAsync(host, path, ("X-Request-Id", id)), "X-Request-Id")!);
        }

        Assert.Distinct(made);
        Assert.All(made, one => Assert.Matches("^[0-9A-Za-z]{16}$", one));
        using var response = await GetAsync(host, "/id", ("X-Request-Id", id));
        Assert.Equal(Header(response, "X-Request-Id"), await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answer_OfAnyKind_TellsBrowsersToMakeNothingOfIt()
    {
        await using var host = await StartAsync();

        foreach (var path in s_kinds)
        {
            using var plain = await GetAsync(host, path);
            Assert.Equal("nosniff", Header(plain, "X-Content-Type-Options"));
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(plain, "Content-Security-Policy"));
            Assert.Equal("no-referrer", Header(plain, "Referrer-Policy"));
            Assert.Equal("no-store", Header(plain, "Cache-Control"));
            Assert.Null(Header(plain, "Strict-Transport-Security"));
            using var secure = await GetAsync(host, path, ("X-Forwarded-Proto", "https"));
            Assert.Equal("max-age=31536000", Header(secure, "Strict-Transport-Security"));
        }
    }

    [Fact]
    public async Task Answer_WithCachingOfItsOwn_KeepsIt()
    {
        await using var host = await StartAsync();

        Assert.Equal("max-age=60", Header(await GetAsync(host, "/cached"), "Cache-Control"));
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("198.51.100.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8::9", "2001:db8::9")]
    [InlineData("198.51.100.1, 10.0.0.7", "198.51.100.1")]
    [InlineData("198.51.100.1, 10.0.0.7, 10.0.0.8", "198.51.100.1")]
    [InlineData("203.0.113.9, what is this", "127.0.0.1")]
    [InlineData(null, "127.0.0.1")]
    public async Task Address_ThatATrustedProxyNames_IsTheClients(string? forwarded, string client)
    {
        await using var host = await StartAsync(new EdgeOptions { Proxies = TrustedProxies.LoopbackAnd([IPNetwork.Parse("10.0.0.0/8")]) });

        Assert.Equal(client, await (await GetAsync(host, "/ip", ("X-Forwarded-For", forwarded))).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Address_ThatAnybodyElseNames_IsPassedOver()
    {
        foreach (var proxies in (TrustedProxies[])[TrustedProxies.None, new([IPNetwork.Parse("10.0.0.0/8")])])
        {
            await using var host = await StartAsync(new EdgeOptions { Proxies = proxies });

            using var response = await GetAsync(host, "/ip", ("X-Forwarded-For", "10.0.0.7"), ("X-Forwarded-Proto", "https"));

            Assert.Equal("127.0.0.1", await response.Content.ReadAsStringAsync());
            Assert.Null(Header(response, "Strict-Transport-Security"));
        }
    }

    [Fact]
    public async Task Preflight_OfAConfiguredOrigin_NeedsNoCredentials()
    {
        await using var host = await StartAsync(new EdgeOptions { CorsOrigins = ["https://app.example.com", "http://localhost:5173"] });
        using var request = new HttpRequestMessage(HttpMethod.Options, "/closed");
        request.Headers.Add("Origin", "https://app.example.com");
        request.Headers.Add("Access-Control-Request-Method", "PATCH");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("https://app.example.com", Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains("PATCH", Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("authorization", Header(response, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
        Assert.NotNull(Header(response, "X-Request-Id"));
    }

    [Fact]
    public async Task Answer_ToAConfiguredOrigin_CanBeReadThere()
    {
        await using var host = await StartAsync(new EdgeOptions { CorsOrigins = ["https://app.example.com"] });

        foreach (var path in s_kinds)
        {
            using var response = await GetAsync(host, path, ("Origin", "https://app.example.com"));
            Assert.Equal("https://app.example.com", Header(response, "Access-Control-Allow-Origin"));
            foreach (var exposed in (string[])["X-Request-Id", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"])
            {
                Assert.Contains(exposed, Header(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("https://app.example.com.evil.example")]
    [InlineData("http://app.example.com")]
    [InlineData("null")]
    public async Task Answer_ToAnotherOrigin_CannotBeReadThere(string origin)
    {
        await using var some = await StartAsync(new EdgeOptions { CorsOrigins = ["https://app.example.com"] });
        await using var none = await StartAsync();

        Assert.Null(Header(await GetAsync(some, "/health", ("Origin", origin)), "Access-Control-Allow-Origin"));
        Assert.Null(Header(await GetAsync(none, "/health", ("Origin", "https://app.example.com")), "Access-Control-Allow-Origin"));
    }

    private static Task<ApiHost> StartAsync(EdgeOptions? edge = null) => ApiHost.StartAsync(
        app =>
        {
            app.MapGet("/closed", () => "never").Accept(CallerRule.Session);
            app.MapGet("/broken", string () => throw new InvalidOperationException("broken")).Accept(CallerRule.Anyone);
            app.MapGet("/late", string () => throw new TimeoutException("late")).Accept(CallerRule.Anyone);
            app.MapGet("/ip", context => context.Response.WriteAsync(context.Ip() ?? "none")).Accept(CallerRule.Anyone);
            app.MapGet("/id", context => context.Response.WriteAsync(context.TraceIdentifier)).Accept(CallerRule.Anyone);
            app.MapGet("/cached", context =>
            {
                context.Response.Headers.CacheControl = "max-age=60";
                return context.Response.WriteAsync("");
            }).Accept(CallerRule.Anyone);
        },
        edge);

    private static async Task<HttpResponseMessage> GetAsync(ApiHost host, string path, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await host.Client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
