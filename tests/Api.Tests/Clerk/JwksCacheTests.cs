using System.Security.Cryptography;
using LlmObserve.Api.Clerk;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class JwksCacheTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private readonly HttpClient _http = ClerkHttp.Create(JwksCache.MaxBytes);
    private readonly RSA _old = RSA.Create(2048);
    private readonly RSA _new = RSA.Create(2048);
    private ClerkServer _clerk = null!;
    private JwksCache _cache = null!;

    public async Task InitializeAsync()
    {
        _clerk = await ClerkServer.StartAsync();
        _clerk.Keys = ClerkServer.KeySet(("old", _old));
        _cache = new JwksCache(_clerk.Url, _http, _clock, NullLogger<JwksCache>.Instance);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        _old.Dispose();
        _new.Dispose();
        await _clerk.DisposeAsync();
    }

    [Fact]
    public async Task Find_KnownKey_AsksOnceInAnHour()
    {
        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));
        _clock.Advance(JwksCache.FreshFor - TimeSpan.FromSeconds(1));
        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));

        Assert.Equal(1, _clerk.KeyRequests);
    }

    [Fact]
    public async Task Find_RotatedKey_IsFoundAndTheGoneOneDropped()
    {
        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));
        _clerk.Keys = ClerkServer.KeySet(("new", _new));
        _clock.Advance(JwksCache.RefetchPause);

        Assert.Equal(KeyLookup.Found, await LookupAsync("new"));
        Assert.Equal(KeyLookup.Unknown, await LookupAsync("old"));
        Assert.Equal(2, _clerk.KeyRequests);
    }

    [Fact]
    public async Task Find_ManyUnknownKeys_AskOnceInThirtySeconds()
    {
        await LookupAsync("old");
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(KeyLookup.Unknown, await LookupAsync($"guess{i}"));
        }

        Assert.Equal(1, _clerk.KeyRequests);
        _clock.Advance(JwksCache.RefetchPause);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(KeyLookup.Unknown, await LookupAsync($"guess{i}"));
        }

        Assert.Equal(2, _clerk.KeyRequests);
    }

    [Fact]
    public async Task Find_ManyAtOnce_AskOnce()
    {
        var gate = new TaskCompletionSource();
        _clerk.Gate = gate.Task;
        var asking = Enumerable.Range(0, 50).Select(_ => LookupAsync("old")).ToList();
        await _clerk.Asked.Task;
        gate.SetResult();

        Assert.All(await Task.WhenAll(asking), lookup => Assert.Equal(KeyLookup.Found, lookup));
        Assert.Equal(1, _clerk.KeyRequests);
    }

    [Fact]
    public async Task Find_AfterAnHour_AnswersAtOnceAndRefreshesBeside()
    {
        await LookupAsync("old");
        _clerk.Keys = ClerkServer.KeySet(("new", _new));
        var gate = new TaskCompletionSource();
        _clerk.Gate = gate.Task;
        _clerk.Asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Advance(JwksCache.FreshFor);

        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));
        await _clerk.Asked.Task;
        var waiting = LookupAsync("new");
        gate.SetResult();
        Assert.Equal(KeyLookup.Found, await waiting);
        Assert.Equal(KeyLookup.Unknown, await LookupAsync("old"));
        Assert.Equal(2, _clerk.KeyRequests);
    }

    [Fact]
    public async Task Find_AfterLongIdleness_LooksBeforeItTrusts()
    {
        await LookupAsync("old");
        _clerk.Keys = ClerkServer.KeySet(("new", _new));
        _clock.Advance(JwksCache.OldAfter);

        Assert.Equal(KeyLookup.Unknown, await LookupAsync("old"));
    }

    [Theory]
    [InlineData(500, """{"keys":[]}""")]
    [InlineData(200, """{"keys":[]}""")]
    [InlineData(200, "<html>")]
    [InlineData(302, "")]
    public async Task Find_InstanceFails_ServesTheLastGoodKeys(int status, string body)
    {
        await LookupAsync("old");
        (_clerk.KeysStatus, _clerk.Keys) = (status, body);
        _clock.Advance(JwksCache.OldAfter);

        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));
        Assert.Equal(KeyLookup.Unavailable, await LookupAsync("new"));

        (_clerk.KeysStatus, _clerk.Keys) = (200, ClerkServer.KeySet(("new", _new)));
        _clock.Advance(JwksCache.RefetchPause);
        Assert.Equal(KeyLookup.Found, await LookupAsync("new"));
        Assert.Equal(KeyLookup.Unknown, await LookupAsync("old"));
    }

    [Fact]
    public async Task Find_FirstFetchFails_IsUnavailableAndTriesAgainSoon()
    {
        _clerk.KeysStatus = 503;
        Assert.Equal(KeyLookup.Unavailable, await LookupAsync("old"));
        _clerk.KeysStatus = 200;
        Assert.Equal(KeyLookup.Unavailable, await LookupAsync("old"));
        Assert.Equal(1, _clerk.KeyRequests);

        _clock.Advance(JwksCache.FirstFetchPause);
        Assert.Equal(KeyLookup.Found, await LookupAsync("old"));
    }

    [Fact]
    public async Task Find_SilentInstance_GivesUp()
    {
        var gate = new TaskCompletionSource();
        _clerk.Gate = gate.Task;
        var asking = LookupAsync("old");
        await _clerk.Asked.Task;

        _clock.Advance(JwksCache.Timeout);
        Assert.Equal(KeyLookup.Unavailable, await asking);
        gate.SetResult();
    }

    [Fact]
    public async Task Find_HugeAnswer_IsNotTaken()
    {
        _clerk.Keys = _clerk.Keys.PadRight(JwksCache.MaxBytes + 1);

        Assert.Equal(KeyLookup.Unavailable, await LookupAsync("old"));
    }

    [Fact]
    public async Task Find_CallerGoesAway_OthersGetTheKey()
    {
        var gate = new TaskCompletionSource();
        _clerk.Gate = gate.Task;
        using var impatient = new CancellationTokenSource();
        var first = _cache.FindAsync("old", impatient.Token).AsTask();
        var second = LookupAsync("old");
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(KeyLookup.Found, await second);
    }

    [Fact]
    public void Read_KeysOfOtherKindsAndSizes_AreLeftOut()
    {
        using var weak = RSA.Create(1024);
        var good = ClerkServer.KeySet(("good", _old), ("weak", weak), ("twice", _old), ("twice", _new));
        var member = good["{\"keys\":[".Length..^2];
        var set = "{\"keys\":["
            + string.Join(',', member,
                Changed("\"sig\"", "\"enc\"", "encrypts"), Changed("RS256", "RS512", "other"), Changed("\"RSA\"", "\"EC\"", "curve"),
                Changed("AQAB", "AQ", "one"), Changed("AQAB", "Ag", "even"), Changed("AQAB", "!", "letters"),
                """{"kty":"oct","kid":"secret","k":"AAAA"}""", "7", "{}") + "]}";

        Assert.Equal("good", Assert.Single(JwkSet.Read(System.Text.Encoding.UTF8.GetBytes(set))!.Keys.ToList()));

        string Changed(string from, string to, string id)
        {
            var one = ClerkServer.KeySet((id, _old));
            return one["{\"keys\":[".Length..^2].Replace(from, to, StringComparison.Ordinal);
        }
    }

    private async Task<KeyLookup> LookupAsync(string keyId) => (await _cache.FindAsync(keyId, CancellationToken.None)).Lookup;
}
