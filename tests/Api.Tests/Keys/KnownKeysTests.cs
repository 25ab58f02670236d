using LlmObserve.Api.Callers;
using LlmObserve.Api.Keys;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Keys;
using LlmObserve.Testing;
using Microsoft.AspNetCore.Http;
using System.Collections.Immutable;
using System.Net;

namespace LlmObserve.Api.Tests.Keys;

/// <summary>What nodes remember of keys, by a clock of the test's own.</summary>
public sealed class KnownKeysTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromTicks(1);

    private readonly FakeClock _clock = new();
    private readonly string _token = ApiKeyText.Generate().Reveal();
    private Caller? _truth;
    private int _asked;

    [Fact]
    public async Task Revocation_ThroughOneNode_IsSeenAtOnceThereAndWithinASecondElsewhere()
    {
        var (here, there) = (Node(), Node());
        _truth = Key();
        Assert.Equal(KeyOutcome.Known, await FindAsync(here));
        Assert.Equal(KeyOutcome.Known, await FindAsync(there));

        _truth = null;
        Assert.True(KeyDigest.TryCompute(_token, out var digest));
        here.Forget(digest);

        Assert.Equal(KeyOutcome.Unknown, await FindAsync(here));
        Assert.Equal(KeyOutcome.Known, await FindAsync(there));
        _clock.Advance(KnownKeys.FreshFor);
        Assert.Equal(KeyOutcome.Unknown, await FindAsync(there));
        Assert.True(KnownKeys.FreshFor <= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Expiry_OfAKeyThatIsRemembered_TakesEffectOnTime()
    {
        var authentication = new CallerAuthentication(null!, Node(), null!, _clock);
        _truth = Key(_clock.GetUtcNow() + (KnownKeys.FreshFor / 4));

        Assert.NotNull((await AskAsync(authentication)).Caller);
        _clock.Advance((KnownKeys.FreshFor / 4) - s_moment);
        Assert.NotNull((await AskAsync(authentication)).Caller);
        _clock.Advance(s_moment);

        Assert.Equal("expired-key", (await AskAsync(authentication)).Refusal?.Code);
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData("203.0.113.9", true)]
    [InlineData("::ffff:203.0.113.9", true)]
    [InlineData("203.0.114.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public async Task AllowList_OfAKey_IsHeldAgainstTheConnection(string? address, bool isLetIn)
    {
        var authentication = new CallerAuthentication(null!, Node(), null!, _clock);
        _truth = Key(networks: ["203.0.113.0/24"]);

        var answer = await AskAsync(authentication, address is null ? null : IPAddress.Parse(address));

        Assert.Equal((isLetIn, isLetIn ? null : "address-not-allowed"), (answer.Caller is not null, answer.Refusal?.Code));
    }

    private static Caller Key(DateTimeOffset? end = null, ImmutableArray<string> networks = default) => Caller.OfKey(
        AccountId.New(), null, Guid.NewGuid(), ApiScope.Ingest, "llmo_sk_test", end, AllowedNetworks.FromStored(networks));

    private KnownKeys Node() => new(
        _ =>
        {
            _asked++;
            return Task.FromResult(_truth);
        },
        _clock);

    private async Task<KeyOutcome> FindAsync(KnownKeys node) => (await node.FindAsync(_token, CancellationToken.None)).Outcome;

    private ValueTask<CallerAnswer> AskAsync(CallerAuthentication authentication, IPAddress? address = null) =>
        authentication.AuthenticateAsync(_token, CallerRule.Key(ApiScope.Ingest), new DefaultHttpContext { Connection = { RemoteIpAddress = address } });
}
