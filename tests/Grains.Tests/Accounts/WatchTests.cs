using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Tests.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Accounts;

/// <summary>Those who watch an account hear of every change: the first at once, then of all together once a second.</summary>
public sealed class WatchTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task Watch_AfterQuiet_HearsOfTheFirstCommitAtOnceWithItsTotals()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        var start = await observer.WatchAsync(account);

        await Host.RecordAsync(account, [.. Events(3, cost: "0.5")]);

        // The clock stands still: it needs no time.
        var change = Assert.Single(await observer.HasHeardAsync(1));
        var spent = new Spend(Dollars("1.5"), 3);
        Assert.Equal((0, AccountChanges.All), (start!.Position.Seq, start.What));
        Assert.Equal((spent, spent, spent), (change.Day, change.Week, change.Month));
        Assert.Equal((3, AccountChanges.Events, false), (change.Position.Seq, change.What, change.Stale));
        Assert.Equal(Clock.GetUtcNow(), change.At);
    }

    [Fact]
    public async Task Watch_AThousandCommitsWithinASecond_HearsOfTheFirstAndOfAllTogether()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);

        await Host.RecordAsync(account, [Event()]);
        await observer.HasHeardAsync(1);
        for (var i = 1; i < 1_000; i++)
        {
            await Host.RecordAsync(account, [Event()]);
        }

        Assert.Single(observer.All);
        await PassAsync(observer, 2);
        await ProbeAsync(account, observer, 3);

        Assert.Equal([1, 1_000, 1_000], observer.All.Select(change => change.Day.Calls));
        Assert.Equal(Dollars("10"), observer.All[1].Month.Cost);
        Assert.Equal([AccountChanges.Events, AccountChanges.Events, AccountChanges.Settings], observer.All.Select(change => change.What));
        Assert.Equal(AccountWatch.Pause, observer.All[1].At - observer.All[0].At);
    }

    [Fact]
    public async Task Watch_WhileChangesGoOn_HearsOfThemOnceASecond()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);
        await Host.RecordAsync(account, [Event()]);
        await observer.HasHeardAsync(1);

        for (var second = 1; second <= 5; second++)
        {
            for (var i = 0; i < 7; i++)
            {
                await Host.RecordAsync(account, [Event()]);
            }

            Assert.Equal(second, observer.All.Count);
            await PassAsync(observer, second + 1);
        }

        Assert.Equal([1, 8, 15, 22, 29, 36], observer.All.Select(change => change.Day.Calls));
    }

    [Fact]
    public async Task Watch_ByManyAtOnce_AllHearTheSameOnceASecond()
    {
        var account = await Host.SignUpAsync();
        var observers = Enumerable.Range(0, 1_000).Select(_ => new TestObserver(Host)).ToList();
        await Task.WhenAll(observers.Select(observer => observer.WatchAsync(account)));

        await Host.RecordAsync(account, [Event()]);
        await Task.WhenAll(observers.Select(observer => observer.HasHeardAsync(1)));
        for (var i = 0; i < 20; i++)
        {
            await Host.RecordAsync(account, [Event()]);
        }

        Clock.Advance(AccountWatch.Pause);
        await Task.WhenAll(observers.Select(observer => observer.HasHeardAsync(2)));

        Assert.All(observers, observer => Assert.Equal([1, 21], observer.All.Select(change => change.Day.Calls)));
    }

    [Fact]
    public async Task Watch_WhereTooManyDo_IsRefusedUntilOneEnds()
    {
        var account = await Host.SignUpAsync();
        var observers = Enumerable.Range(0, AccountWatch.MaxObservers).Select(_ => new TestObserver(Host)).ToList();
        await Task.WhenAll(observers.Select(observer => observer.WatchAsync(account)));
        var late = new TestObserver(Host);

        Assert.Null(await late.WatchAsync(account));
        Assert.NotNull(await observers[0].WatchAsync(account));
        await observers[1].UnwatchAsync(account);
        Assert.NotNull(await late.WatchAsync(account));
    }

    [Fact]
    public async Task Watch_OfOneAccount_HearsNothingOfAnother()
    {
        var (account, other) = (await Host.SignUpAsync(), await Host.SignUpAsync());
        var (observer, stranger) = (new TestObserver(Host), new TestObserver(Host));
        await observer.WatchAsync(account);
        await stranger.WatchAsync(other);

        await Host.RecordAsync(account, [Event()]);
        await observer.HasHeardAsync(1);
        await ProbeAsync(other, stranger, 1);

        Assert.Equal((0, AccountChanges.Settings), (stranger.All[0].Day.Calls, stranger.All[0].What));
    }

    [Fact]
    public async Task Watch_EventsThatWereThereAlready_IsNoChange()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(account, [Event("twice")]);
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);

        await Host.RecordAsync(account, [Event("twice")]);
        await ProbeAsync(account, observer, 1);

        Assert.Equal(AccountChanges.Settings, observer.All[0].What);
    }

    [Fact]
    public async Task Watch_NotRenewed_EndsAndOneThatIsGoesOn()
    {
        var account = await Host.SignUpAsync();
        var (forgotten, renewed) = (new TestObserver(Host), new TestObserver(Host));
        await forgotten.WatchAsync(account);
        await renewed.WatchAsync(account);

        Clock.Advance(AccountWatch.Lifetime - AccountWatch.RenewEvery);
        var known = await renewed.WatchAsync(account);
        Clock.Advance(AccountWatch.RenewEvery);
        await Host.RecordAsync(account, [Event()]);
        await renewed.HasHeardAsync(1);
        var again = await forgotten.WatchAsync(account);
        await Host.RecordAsync(account, [Event()]);
        await PassAsync(renewed, 2);
        await forgotten.HasHeardAsync(1);

        Assert.Equal((AccountChanges.None, AccountChanges.All), (known!.What, again!.What));
        Assert.Equal([2], forgotten.All.Select(change => change.Day.Calls));
    }

    [Fact]
    public async Task Unwatch_HearsNothingMore()
    {
        var account = await Host.SignUpAsync();
        var (gone, there) = (new TestObserver(Host), new TestObserver(Host));
        await gone.WatchAsync(account);
        await there.WatchAsync(account);

        await gone.UnwatchAsync(account);
        await gone.UnwatchAsync(account);
        await Host.RecordAsync(account, [Event()]);
        await there.HasHeardAsync(1);
        await gone.WatchAsync(account);
        await ProbeAsync(account, gone, 1);

        Assert.Equal(AccountChanges.Settings, Assert.Single(gone.All).What);
    }

    [Fact]
    public async Task Watch_ByOneThatThrows_EndsUntilItWatchesAgain()
    {
        var account = await Host.SignUpAsync();
        var (broken, good) = (new TestObserver(Host) { Returns = Task.FromException(new InvalidOperationException("broken")) }, new TestObserver(Host));
        await broken.WatchAsync(account);
        await good.WatchAsync(account);

        await Host.RecordAsync(account, [Event()]);
        await broken.HasHeardAsync(1);
        await good.HasHeardAsync(1);
        await Host.RecordAsync(account, [Event()]);
        await PassAsync(good, 2);
        broken.Returns = Task.CompletedTask;
        var again = await broken.WatchAsync(account);
        await Host.RecordAsync(account, [Event()]);
        // Maybe two seconds: while the last message to this one has not returned, the one that came back is told alone.
        await PassUntilAsync(async () =>
        {
            await Host.Account(account).GetSettingsAsync();
            return good.All.Count > 2;
        });
        await broken.HasHeardAsync(2);

        Assert.Equal(AccountChanges.All, again!.What);
        Assert.Equal([1, 3], broken.All.Select(change => change.Day.Calls));
    }

    [Fact]
    public async Task Watch_ByOneThatNeverReturns_HoldsUpNeitherAcksNorOthersAndGetsTheNewestOnceItDoes()
    {
        var account = await Host.SignUpAsync();
        var returns = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (stuck, good) = (new TestObserver(Host) { Returns = returns.Task }, new TestObserver(Host));
        await stuck.WatchAsync(account);
        await good.WatchAsync(account);

        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(RecordOutcome.Recorded, (await Host.RecordAsync(account, [Event()])).Outcome);
            await PassAsync(good, i);
        }

        Assert.Single(stuck.All);
        returns.SetResult();
        await PassAsync(stuck, 2);

        Assert.Equal([1, 5], stuck.All.Select(change => change.Day.Calls));
    }

    [Fact]
    public async Task Watch_CapsHoldsAndSettings_SayWhichHaveChanged()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);

        var cap = await CreateCapAsync(account, "10");
        await PassAsync(observer, 1);
        await ChangeAsync(account, cap, new CapChange { Limit = Dollars("20") });
        await PassAsync(observer, 2);
        var hold = await GrantAsync(account, "1");
        await PassAsync(observer, 3);
        await Host.Account(account).ExtendHoldAsync(hold.Id, HoldLimits.MaxTime);
        await PassAsync(observer, 4);
        await SettleAsync(account, hold, "0.5");
        await PassAsync(observer, 5);
        var released = await GrantAsync(account, "1");
        await PassAsync(observer, 6);
        await Host.Account(account).ReleaseHoldAsync(released.Id);
        await PassAsync(observer, 7);
        await Host.Account(account).DeleteCapAsync(cap.Cap.Id);
        await PassAsync(observer, 8);
        await Host.Account(account).ChangeTimeZoneAsync("Asia/Kolkata");
        await PassAsync(observer, 9);

        Assert.Equal(
            [
                AccountChanges.Caps, AccountChanges.Caps, AccountChanges.Holds, AccountChanges.Holds, AccountChanges.Events | AccountChanges.Holds,
                AccountChanges.Holds, AccountChanges.Holds, AccountChanges.Caps, AccountChanges.All,
            ],
            observer.All.Select(change => change.What));
        Assert.True(observer.All[8].Position.Epoch > observer.All[7].Position.Epoch);
        Assert.All(observer.All, change => Assert.False(change.Stale));
    }

    [Fact]
    public async Task Watch_AHoldRunsOut_HearsOfItThoughNobodyAsks()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);
        await GrantAsync(account, "1", time: TimeSpan.FromSeconds(10));
        await observer.HasHeardAsync(1);

        await PassUntilAsync(async () =>
        {
            await Host.Account(account).GetSettingsAsync();
            return observer.All.Count > 1;
        });

        Assert.Equal([AccountChanges.Holds, AccountChanges.Holds], observer.All.Select(change => change.What));
        Assert.True(observer.All[1].At - observer.All[0].At >= TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Watch_OfAnActivationAnew_KnowsNobodyAndSaysSo()
    {
        var account = await Host.SignUpAsync();
        var observer = new TestObserver(Host);
        await observer.WatchAsync(account);
        await Host.RecordAsync(account, [Event()]);
        await observer.HasHeardAsync(1);

        await using var other = await GrainHost.StartAsync(ConnectionString, Clock);
        await other.RecordAsync(account, [Event()]);
        var elsewhere = new TestObserver(other);
        var start = await elsewhere.WatchAsync(account);

        Assert.Equal((2, AccountChanges.All), (start!.Day.Calls, start.What));
        Assert.True(start.Position.IsAfter(observer.All[0].Position));
        // The one that was fenced off leaves with its next write, and the next takes the account back.
        await Host.RecordAsync(account, [Event()]);
        var again = await observer.WatchAsync(account);
        Assert.Equal((3, AccountChanges.All), (again!.Day.Calls, again.What));
    }

    /// <summary>Lets seconds pass until so many messages have come.</summary>
    private async Task PassAsync(TestObserver observer, int count)
    {
        // A turn of the account's own: whatever it was in the middle of telling, it is done with that.
        await Host.Account(observer.Account).GetSettingsAsync();
        Clock.Advance(AccountWatch.Pause);
        await observer.HasHeardAsync(count);
    }

    /// <summary>Makes one change that is surely told, behind whatever was under way.</summary>
    private async Task ProbeAsync(AccountId account, TestObserver observer, int count)
    {
        await Host.Account(account).RefreshSettingsAsync();
        await PassAsync(observer, count);
    }
}
