using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Timer_WhenDue_TicksInTurnsOfItsGrain()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        engine.Gates["tick"].Open();
        await grain.StartAsync(new GrainTimerCreationOptions(Minute, 2 * Minute), "tick");

        await AdvanceAsync(engine, Minute - TimeSpan.FromTicks(1));
        Assert.Empty(engine.Journal.Entries);
        await AdvanceAsync(engine, TimeSpan.FromTicks(1));
        Assert.Equal(["tick on own scheduler"], engine.Journal.Entries);
        await AdvanceAsync(engine, Minute);
        Assert.Single(engine.Journal.Entries);
        await AdvanceAsync(engine, Minute);
        Assert.Equal(2, engine.Journal.Entries.Count);
    }

    [Fact]
    public async Task Timer_WithInfinitePeriod_TicksOnce()
    {
        await using var engine = new TestEngine();
        engine.Gates["tick"].Open();
        await engine.Grains.GetGrain<ITimerGrain>("a").StartAsync(new GrainTimerCreationOptions(Minute, Timeout.InfiniteTimeSpan), "tick");
        for (var i = 0; i < 5; i++)
        {
            await AdvanceAsync(engine, Minute);
        }

        Assert.Single(engine.Journal.Entries);
    }

    [Fact]
    public async Task Tick_WhileARequestRuns_WaitsForItsEnd()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), Minute), "tick");
        var held = grain.HoldAsync("request");
        await engine.Gates["request"].ArrivalAsync();

        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        await grain.PeekAsync().Soon();
        Assert.Empty(engine.Journal.Entries);

        engine.Gates["request"].Open();
        await engine.Gates["tick"].ArrivalAsync();
        Assert.Single(engine.Journal.Entries);
        await held;
    }

    [Fact]
    public async Task Tick_ThatInterleaves_RunsBesideARequest()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), Minute) { Interleave = true }, "tick");
        var held = grain.HoldAsync("request");
        await engine.Gates["request"].ArrivalAsync();

        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        await engine.Gates["tick"].ArrivalAsync();
        Assert.False(held.IsCompleted);
    }

    [Fact]
    public async Task Tick_ThatTakesLongerThanItsPeriod_IsNotJoinedByAnother()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(new GrainTimerCreationOptions(Minute, Minute) { Interleave = true }, "tick");
        engine.Clock.Advance(Minute);
        await engine.Gates["tick"].ArrivalAsync();
        engine.Clock.Advance(5 * Minute);
        await grain.PeekAsync().Soon();
        Assert.Single(engine.Journal.Entries);

        // The next is due a period after the end of this one.
        engine.Gates["tick"].Open();
        await engine.ActivationOf<ITimerGrain>("a").WhenQuiet().Soon();
        await AdvanceAsync(engine, Minute);
        Assert.Equal(2, engine.Journal.Entries.Count);
    }

    [Fact]
    public async Task Tick_ThatThrows_IsLoggedAndTheTimerGoesOn()
    {
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<ITimerGrain>("a").StartFaultyAsync(Minute);
        await AdvanceAsync(engine, Minute);
        await AdvanceAsync(engine, Minute);

        Assert.Equal(2, engine.Journal.Entries.Count);
        Assert.Equal(2, engine.Log.Lines.Count(line => line.Contains("A timer tick of timer/a failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Timer_Disposed_TicksNoMoreAndCancelsItsToken()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(new GrainTimerCreationOptions(Minute, Minute) { Interleave = true }, "tick");
        engine.Clock.Advance(Minute);
        await engine.Gates["tick"].ArrivalAsync();

        Assert.False(await grain.IsCanceledAsync());
        await grain.DisposeAsync();
        Assert.True(await grain.IsCanceledAsync());
        engine.Gates["tick"].Open();
        await AdvanceAsync(engine, 3 * Minute);

        Assert.Single(engine.Journal.Entries);
    }

    [Fact]
    public async Task Timer_Changed_TicksByTheNewTimes()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        engine.Gates["tick"].Open();
        await grain.StartAsync(new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), "tick");
        await AdvanceAsync(engine, 3 * Minute);
        Assert.Empty(engine.Journal.Entries);

        await grain.ChangeAsync(Minute, Timeout.InfiniteTimeSpan);
        await AdvanceAsync(engine, 2 * Minute);
        Assert.Single(engine.Journal.Entries);
    }

    [Fact]
    public async Task Timer_WhenItsGrainEnds_TicksNoMore()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITimerGrain>("a");
        engine.Gates["tick"].Open();
        await grain.StartAsync(new GrainTimerCreationOptions(Minute, Minute), "tick");
        var timers = engine.Clock.ArmedTimers;
        var activation = engine.ActivationOf<ITimerGrain>("a");
        activation.Deactivate(default);
        await activation.Deactivated.Soon();

        engine.Clock.Advance(3 * Minute);

        Assert.Empty(engine.Journal.Entries);
        Assert.Equal(timers - 1, engine.Clock.ArmedTimers);
        Assert.Equal(0, engine.Core.ActivationCount);
    }

    [Fact]
    public async Task Timer_MadeOutsideOfItsGrain_IsRefused()
    {
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<ITimerGrain>("a").PeekAsync();
        var instance = (TimerGrain)engine.ActivationOf<ITimerGrain>("a").GrainInstance!;

        Assert.Throws<InvalidOperationException>(() =>
            instance.RegisterGrainTimer(static () => Task.CompletedTask, new GrainTimerCreationOptions(Minute, Minute)));
    }

    [Fact]
    public async Task Timer_WithANegativeTime_IsRefused()
    {
        await using var engine = new TestEngine();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            engine.Grains.GetGrain<ITimerGrain>("a").StartAsync(new GrainTimerCreationOptions(-Minute, Minute), "tick"));
    }

    // A tick that has fallen due is done when its activation is quiet again.
    private static Task AdvanceAsync(TestEngine engine, TimeSpan time)
    {
        engine.Clock.Advance(time);
        return engine.ActivationOf<ITimerGrain>("a").WhenQuiet().Soon();
    }

    internal interface ITimerGrain : IGrainWithStringKey
    {
        Task StartAsync(GrainTimerCreationOptions options, string gate);

        Task StartFaultyAsync(TimeSpan period);

        Task HoldAsync(string gate);

        [AlwaysInterleave]
        Task PeekAsync();

        [AlwaysInterleave]
        Task<bool> IsCanceledAsync();

        [AlwaysInterleave]
        Task DisposeAsync();

        Task ChangeAsync(TimeSpan due, TimeSpan period);
    }

    internal sealed class TimerGrain(Gates gates, Journal journal) : Grain, ITimerGrain
    {
        private IGrainTimer? _timer;
        private CancellationToken _token;

        public Task StartAsync(GrainTimerCreationOptions options, string gate)
        {
            _timer = this.RegisterGrainTimer(
                (gate, token) =>
                {
                    _token = token;
                    journal.Add($"tick on {(TaskScheduler.Current == GrainContext ? "own" : "another")} scheduler");
                    return gates[gate].PassAsync();
                },
                gate,
                options);
            return Task.CompletedTask;
        }

        public Task StartFaultyAsync(TimeSpan period)
        {
            _timer = this.RegisterGrainTimer(
                _ =>
                {
                    journal.Add("tick");
                    throw new InvalidOperationException("broken tick");
                },
                new GrainTimerCreationOptions(period, period));
            return Task.CompletedTask;
        }

        public Task HoldAsync(string gate) => gates[gate].PassAsync();

        public Task PeekAsync() => Task.CompletedTask;

        public Task<bool> IsCanceledAsync() => Task.FromResult(_token.IsCancellationRequested);

        public Task DisposeAsync()
        {
            _timer!.Dispose();
            return Task.CompletedTask;
        }

        public Task ChangeAsync(TimeSpan due, TimeSpan period)
        {
            _timer!.Change(due, period);
            return Task.CompletedTask;
        }
    }
}
