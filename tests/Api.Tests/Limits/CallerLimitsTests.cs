using System.Net;
using System.Net.Http.Headers;
using System.Diagnostics.Metrics;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Limits;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Keys;
using LlmObserve.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Api.Tests.Limits;

/// <summary>
/// Limits of a request a second, which fill up while a test runs, however slowly: so each test asks until it is refused, and never counts how
/// often it was not.
/// </summary>
public sealed class CallerLimitsTests
{
    /// <summary>A bucket of two, filled once a second, is empty long before; only so that a test that fails ends.</summary>
    private const int Patience = 100_000;

    private readonly Dictionary<string, Caller> _keys = [];

    [Fact]
    public async Task Key_ThatAsksTooMuch_IsToldWhenToComeBack()
    {
        var (account, busy, quiet) = (AccountId.New(), ApiKeyText.Generate(), ApiKeyText.Generate());
        Know(busy, account);
        Know(quiet, account);
        await using var host = await StartAsync(new() { PerKey = 1, PerAccount = 0, PerAddress = 0 });
        using var measured = new Measurements(host.Services.GetRequiredService<IMeterFactory>());

        using var refused = await AskUntilRefusedAsync(host, busy);

        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Contains("rate-limited", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(("2", "0", "2"), Told(refused));
        Assert.True(measured.Sum("llmobserve.sheds", "reason", "key_rate") >= 1);
        using var answered = await AskAsync(host, quiet);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(("2", "1", "1"), Told(answered));
        using var check = await AskAsync(host, quiet.Reveal(), "/check");
        Assert.True(check.StatusCode != HttpStatusCode.OK || Told(check) == (null, null, null));
    }

    [Fact]
    public async Task Account_ThatAsksTooMuch_IsRefusedWithEveryKey()
    {
        var (account, one, two, other) = (AccountId.New(), ApiKeyText.Generate(), ApiKeyText.Generate(), ApiKeyText.Generate());
        Know(one, account);
        Know(two, account);
        Know(other, AccountId.New());
        await using var host = await StartAsync(new() { PerKey = 1_000, PerAccount = 1, PerAddress = 0 });

        using var first = await AskUntilRefusedAsync(host, one);
        using var second = await AskUntilRefusedAsync(host, two);
        using var answered = await AskAsync(host, other);

        Assert.Contains("This account", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        // Half of the account's bucket is left and nearly all of the key's: the account's is the tighter one.
        Assert.Equal(("2", "1", "1"), Told(answered));
    }

    [Theory]
    [InlineData("/open", null)]
    [InlineData("/nothing", null)]
    [InlineData("/with-key", null)]
    [InlineData("/with-key", "no key at all")]
    [InlineData("/with-key", "llmo_sk_mistyped")]
    [InlineData("/with-key", "unknown")]
    [InlineData("/with-key", "expired")]
    public async Task Address_ThatAsksWithoutAKnownKey_IsRefused(string path, string? token)
    {
        var expired = ApiKeyText.Generate();
        Know(expired, AccountId.New(), DateTimeOffset.UnixEpoch);
        token = token switch { "unknown" => ApiKeyText.Generate().Reveal(), "expired" => expired.Reveal(), _ => token };
        await using var host = await StartAsync(new() { PerKey = 0, PerAccount = 0, PerAddress = 1 });
        using var refused = await AskUntilRefusedAsync(host, token, path);
        Assert.Equal(("2", "0", "2"), Told(refused));
        for (var i = 0; i < 100; i++)
        {
            using var health = await AskAsync(host, token, "/health");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.Equal((null, null, null), Told(health));
        }

        using var elsewhere = await AskAsync(host, token, path, "203.0.113.9");
        Assert.NotEqual(HttpStatusCode.TooManyRequests, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Address_ThatWasRefused_GoesOnWithAKeyThatIsKnown()
    {
        var key = ApiKeyText.Generate();
        Know(key, AccountId.New());
        var clock = new FakeClock();
        await using var host = await StartAsync(new() { PerKey = 0, PerAccount = 0, PerAddress = 1 }, clock);
        using var known = await AskAsync(host, key);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);

        (await AskUntilRefusedAsync(host, null, "/open")).Dispose();

        for (var i = 0; i < 100; i++)
        {
            using var answer = await AskAsync(host, key);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Limits_ThatAreOff_SayNothing()
    {
        var key = ApiKeyText.Generate();
        Know(key, AccountId.New());
        await using var host = await StartAsync(new() { PerKey = 0, PerAccount = 0, PerAddress = 0 });

        using var known = await AskAsync(host, key);
        using var unknown = await AskAsync(host, (string?)null);

        Assert.Equal((null, null, null), Told(known));
        Assert.Equal((null, null, null), Told(unknown));
    }

    [Fact]
    public void Slot_OfAnAddress_IsThatOfItsNetworkAndOneOfAFixedNumber()
    {
        Assert.Equal(CallerLimits.SlotOf(IPAddress.Parse("2001:db8:1:2::1")), CallerLimits.SlotOf(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        var four = Enumerable.Range(0, 1_000).Select(n => CallerLimits.SlotOf(IPAddress.Parse($"203.0.{n / 250}.{n % 250}"))).ToList();
        var six = Enumerable.Range(0, 1_000).Select(n => CallerLimits.SlotOf(IPAddress.Parse($"2001:db8:0:{n:x}::1"))).ToList();

        Assert.All(four.Concat(six), slot => Assert.InRange(slot, 0, CallerLimits.AddressSlots - 1));
        // By chance a handful of a thousand share one.
        Assert.True(four.Distinct().Count() > 900 && six.Distinct().Count() > 900);
        CallerLimits.SlotOf(null);
    }

    [Fact]
    public async Task Buckets_OfAMillionAddresses_AreNoMoreThanThereAreSlots()
    {
        await using var limits = new CallerLimits(new() { PerKey = 0, PerAccount = 0, PerAddress = 1 });
        var context = new DefaultHttpContext();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var n = 0; n < 1_000_000; n++)
        {
            context.Connection.RemoteIpAddress = new IPAddress([32, 1, 13, 184, 0, (byte)(n >> 16), (byte)(n >> 8), (byte)n, 0, 0, 0, 0, 0, 0, 0, 1]);
            limits.TakeForAddress(context);
        }

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(taken < 64 << 20, $"The buckets of addresses take {taken >> 20} MiB.");
        GC.KeepAlive(limits);
    }

    private void Know(ApiKeyText key, AccountId account, DateTimeOffset? end = null) =>
        _keys[key.Hash().Value] = Caller.OfKey(account, null, Guid.NewGuid(), ApiScope.All, key.DisplayPrefix, end);

    /// <summary>By a clock that stands still a key that was seen stays known.</summary>
    private Task<ApiHost> StartAsync(RateLimitOptions limits, TimeProvider? clock = null) => ApiHost.StartAsync(
        app =>
        {
            app.MapGet("/with-key", () => "in").Accept(CallerRule.Key(ApiScope.Read));
            app.MapGet("/check", () => "in").Accept(CallerRule.Key(ApiScope.Check));
            app.MapGet("/open", () => "in").Accept(CallerRule.Anyone);
        },
        new EdgeOptions { RateLimits = limits },
        services => services.AddSingleton(new KnownKeys(hash => Task.FromResult(_keys.GetValueOrDefault(hash.Value)), clock ?? TimeProvider.System)));

    private static Task<HttpResponseMessage> AskAsync(ApiHost host, ApiKeyText key) => AskAsync(host, key.Reveal());

    private static async Task<HttpResponseMessage> AskAsync(ApiHost host, string? token, string path = "/with-key", string? address = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (address is not null)
        {
            request.Headers.Add("X-Forwarded-For", address);
        }

        return await host.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> AskUntilRefusedAsync(ApiHost host, ApiKeyText key) => AskUntilRefusedAsync(host, key.Reveal(), "/with-key");

    private static async Task<HttpResponseMessage> AskUntilRefusedAsync(ApiHost host, string? token, string path)
    {
        for (var i = 0; i < Patience; i++)
        {
            // Several at once: faster than the bucket fills, however slow the machine is.
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(host, token, path)));
            if (answers.FirstOrDefault(answer => answer.StatusCode == HttpStatusCode.TooManyRequests) is { } refused)
            {
                return refused;
            }
        }

        throw new InvalidOperationException($"{path} was never refused.");
    }

    private static (string? Limit, string? Remaining, string? Reset) Told(HttpResponseMessage response)
    {
        return (One("RateLimit-Limit"), One("RateLimit-Remaining"), One("RateLimit-Reset"));

        string? One(string name) => response.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
    }
}
