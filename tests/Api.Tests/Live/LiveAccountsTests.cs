using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Live;
using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static LlmObserve.Api.Tests.Live.LiveTests;

namespace LlmObserve.Api.Tests.Live;

/// <summary>How one process watches accounts for many streams.</summary>
public sealed class LiveAccountsTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Changes _timers = new();
    private readonly TestMeters _meters = new();
    private readonly WatchedGrains _watched;
    private readonly LiveAccounts _accounts;
    private readonly Caller _caller = OfNewAccount();

    public LiveAccountsTests()
    {
        (var grains, _watched) = WatchedGrains.Make();
        _clock.TimersChanged = _timers.Tell;
        var calls = new GrainCalls(grains, _clock, NullLogger<GrainCalls>.Instance);
        _accounts = new LiveAccounts(calls, grains, _clock, new LiveMetrics(_meters), NullLogger<LiveAccounts>.Instance);
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Open_ManyOfOneAccount_WatchesItOnceAndTellsAll()
    {
        var streams = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OpenAsync()));

        await streams[0].Account.ChangedAsync(Change(1));

        Assert.Equal(1, _watched.Watches);
        foreach (var stream in streams)
        {
            Assert.Equal(1, (await stream.NextAsync(default)).Message!.Change.Position.Seq);
        }
    }

    [Fact]
    public async Task Close_TheLast_EndsTheWatchAndTheNextBeginsAnother()
    {
        var (first, second) = (await OpenAsync(), await OpenAsync());

        _accounts.Close(_caller, first);
        Assert.Equal(0, _watched.Unwatches);
        _accounts.Close(_caller, second);
        await _watched.Changes.UntilAsync(() => _watched.Unwatches == 1, () => "the watch to end");
        await OpenAsync();

        Assert.Equal(2, _watched.Watches);
    }

    [Fact]
    public async Task Watch_Open_IsRenewedAndTellsWhatItMissed()
    {
        var stream = await OpenAsync();
        _watched.OnWatch = () => Change(0, AccountChanges.None);
        await RenewAsync(AccountWatch.RenewEvery, 2);
        _watched.OnWatch = () => Change(5, AccountChanges.All);
        await RenewAsync(AccountWatch.RenewEvery, 3);

        var (message, _) = await stream.NextAsync(default);
        Assert.Equal((5, AccountChanges.All), (message!.Change.Position.Seq, message.Change.What));
    }

    [Fact]
    public async Task Watch_ThatFailsToRenew_IsTriedAgainSoon()
    {
        var stream = await OpenAsync();
        _watched.OnWatch = () => throw new AccountUnavailableException("The database does not answer.");
        await RenewAsync(AccountWatch.RenewEvery, 2);
        await RenewAsync(LiveLimits.RewatchAfter, 3);
        _watched.OnWatch = () => Change(5, AccountChanges.All);
        await RenewAsync(LiveLimits.RewatchAfter, 4);

        Assert.Equal(5, (await stream.NextAsync(default)).Message!.Change.Position.Seq);
    }

    [Fact]
    public async Task Open_WhereTheAccountCannotBeLoaded_FailsAndTheNextBeginsAnew()
    {
        _watched.OnWatch = () => throw new AccountUnavailableException("The database does not answer.");
        await Assert.ThrowsAsync<AccountUnavailableException>(OpenAsync);
        _watched.OnWatch = () => Change(3);

        Assert.Equal(3, (await OpenAsync()).Start.Position.Seq);
    }

    [Fact]
    public async Task Open_WhereTooManyProcessesWatch_IsToldToComeBack()
    {
        _watched.OnWatch = () => null;
        var refusal = (await _accounts.OpenAsync(_caller, default)).Refusal!;
        Assert.Equal((503, LiveLimits.FullRetryAfterSeconds), (refusal.Status, refusal.RetryAfterSeconds));
        Assert.Null(_accounts.Find(_caller.AccountKey));
    }

    [Fact]
    public async Task Open_MoreThanAnAccountMayHave_IsToldToComeBackUntilOneCloses()
    {
        var streams = await Task.WhenAll(Enumerable.Range(0, LiveLimits.MaxStreamsPerAccount).Select(_ => OpenAsync()));

        var refusal = (await _accounts.OpenAsync(_caller, default)).Refusal!;
        Assert.Equal((429, LiveLimits.FullRetryAfterSeconds), (refusal.Status, refusal.RetryAfterSeconds));
        Assert.NotNull((await _accounts.OpenAsync(OfNewAccount(), default)).Stream);
        _accounts.Close(_caller, streams[0]);
        await OpenAsync();
    }

    [Fact]
    public async Task Open_MoreThanAProcessMayHave_IsToldToComeBack()
    {
        var others = Enumerable.Range(0, LiveLimits.MaxStreams / LiveLimits.MaxStreamsPerAccount).Select(_ => OfNewAccount());
        await Task.WhenAll(others.SelectMany(other =>
            Enumerable.Range(0, LiveLimits.MaxStreamsPerAccount).Select(_ => _accounts.OpenAsync(other, default))));

        var refusal = (await _accounts.OpenAsync(_caller, default)).Refusal!;
        Assert.Equal((503, LiveLimits.FullRetryAfterSeconds), (refusal.Status, refusal.RetryAfterSeconds));
    }

    [Fact]
    public async Task Stream_ThatIsNotRead_KeepsTheNewestWithAllThatHasChanged()
    {
        var stream = await OpenAsync();
        for (var i = 1; i < 1_000; i++)
        {
            await stream.Account.ChangedAsync(Change(i, i == 500 ? AccountChanges.Caps : AccountChanges.Events));
        }

        await stream.Account.ChangedAsync(Change(1_000, AccountChanges.Holds));
        stream.Beat();
        var (message, isBeaten) = await stream.NextAsync(default);
        await stream.Account.ChangedAsync(Change(1_001));

        Assert.True(isBeaten);
        Assert.Equal((1_000, AccountChanges.Events | AccountChanges.Caps | AccountChanges.Holds), (message!.Change.Position.Seq, message.Change.What));
        var (next, _) = await stream.NextAsync(default);
        Assert.Equal((1_001, AccountChanges.Events), (next!.Change.Position.Seq, next.Change.What));
    }

    [Fact]
    public async Task Publish_AnOlderStand_SaysWhatChangedWithTheNewestTotals()
    {
        var stream = await OpenAsync();
        await stream.Account.ChangedAsync(Change(7, epoch: long.MaxValue));
        await stream.NextAsync(default);

        await stream.Account.ChangedAsync(Change(5, AccountChanges.Caps));

        var (message, _) = await stream.NextAsync(default);
        Assert.Equal((7, AccountChanges.Caps), (message!.Change.Position.Seq, message.Change.What));
    }

    private static Caller OfNewAccount() => Caller.OfKey(AccountId.New(), null, Guid.NewGuid(), ApiScope.Read, "llmo_sk_test");

    private async Task<LiveStream> OpenAsync() => (await _accounts.OpenAsync(_caller, default)).Stream!;

    /// <summary>Lets time pass once somebody waits for it, until so many watches were asked for.</summary>
    private async Task RenewAsync(TimeSpan time, int watches)
    {
        await _timers.UntilAsync(() => _clock.ArmedTimers > 0, () => "a renewal that waits");
        _clock.Advance(time);
        await _watched.Changes.UntilAsync(() => _watched.Watches == watches, () => $"watch {watches}");
    }
}
