using Orleans;
using Orleans.Concurrency;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class TimeoutTests
{
    // The default, and what a tick of the engine's clock may add.
    private static readonly TimeSpan Due = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Call_WithoutAnAnswer_FailsWhenItsTimeIsUp()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IWaitGrain>("a");
        var held = grain.HoldAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();

        engine.Clock.Advance(Due - Tick);
        Assert.False(held.IsCompleted);
        engine.Clock.Advance(Tick + Tick);

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => held.Soon());
        Assert.Equal("wait/a.HoldAsync did not answer within 00:00:30: a caller that is no grain → wait/a.HoldAsync.", failure.Message);
    }

    [Fact]
    public async Task Call_ThatTimedOutInTheQueue_NeverRuns()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IWaitGrain>("a");
        var held = grain.HoldAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();
        var queued = grain.CountAsync();
        engine.Clock.Advance(Due + Tick);
        await Assert.ThrowsAsync<TimeoutException>(() => queued.Soon());

        engine.Gates["gate"].Open();

        Assert.Equal(1, await grain.CountAsync().Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => held.Soon());
    }

    [Fact]
    public async Task Call_ThatFailsAfterItsTimeout_IsLogged()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IWaitGrain>("a");
        var failing = grain.FailAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();
        engine.Clock.Advance(Due + Tick);
        await Assert.ThrowsAsync<TimeoutException>(() => failing.Soon());

        engine.Gates["gate"].Open();
        await grain.CountAsync().Soon();

        Assert.Contains(engine.Log.Lines, line => line.Contains("failed after its caller had given up | too late", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cycle_OfTwoGrains_EndsInATimeoutThatNamesTheChain()
    {
        await using var engine = new TestEngine();
        var call = engine.Grains.GetGrain<IWaitGrain>("a").VisitAsync(["b", "a"]);
        await engine.Gates["visiting b"].ArrivalAsync();

        engine.Clock.Advance(Due + Tick);

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => call.Soon());
        Assert.Contains(
            "a caller that is no grain → wait/a.VisitAsync → wait/b.VisitAsync → wait/a.VisitAsync; wait/a waits for itself: a deadlock",
            failure.Message,
            StringComparison.Ordinal);
        // The grains are free again.
        Assert.Equal(1, await engine.Grains.GetGrain<IWaitGrain>("a").CountAsync().Soon());
        Assert.Equal(1, await engine.Grains.GetGrain<IWaitGrain>("b").CountAsync().Soon());
    }

    [Fact]
    public async Task Cycle_SeenFromACallerOutsideOfIt_NamesTheChainToo()
    {
        await using var engine = new TestEngine();
        _ = engine.Grains.GetGrain<IWaitGrain>("a").VisitAsync(["b", "c", "b"]);
        await engine.Gates["visiting c"].ArrivalAsync();
        var waiting = engine.Grains.GetGrain<IWaitGrain>("b").CountAsync();

        engine.Clock.Advance(Due + Tick);

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => waiting.Soon());
        Assert.Contains(
            "→ wait/b.CountAsync → wait/c.VisitAsync → wait/b.VisitAsync; wait/b waits for itself", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cycle_ThroughAReentrantGrain_IsNoDeadlock()
    {
        await using var engine = new TestEngine();
        engine.Gates["visiting open"].Open();

        Assert.Equal(1, await engine.Grains.GetGrain<IOpenGrain>("open").AskAsync("a").Soon());
    }

    [Fact]
    public async Task Timeouts_OfManyCalls_CostNoTimerEach()
    {
        await using var engine = new TestEngine();
        var timers = engine.Clock.ArmedTimers;
        var calls = Enumerable.Range(0, 1_000).Select(i => engine.Grains.GetGrain<IWaitGrain>($"{i}").HoldAsync("gate")).ToList();
        for (var i = 0; i < calls.Count; i++)
        {
            await engine.Gates["gate"].ArrivalAsync();
        }

        Assert.Equal(timers, engine.Clock.ArmedTimers);
        engine.Clock.Advance(Due + Tick);
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => call.Soon());
        }

        Assert.Empty(engine.Core.Outstanding.Snapshot());
    }

    internal interface IWaitGrain : IGrainWithStringKey
    {
        Task HoldAsync(string gate);

        Task FailAsync(string gate);

        Task<int> CountAsync();

        /// <summary>Calls the first of the keys with the rest.</summary>
        Task VisitAsync(string[] keys);

        Task<int> ReturnAsync(string to);
    }

    internal interface IOpenGrain : IGrainWithStringKey
    {
        Task<int> AskAsync(string key);

        Task<int> AnswerAsync();
    }

    internal sealed class WaitGrain(Gates gates) : Grain, IWaitGrain
    {
        private int _count;

        public Task HoldAsync(string gate) => gates[gate].PassAsync();

        public async Task FailAsync(string gate)
        {
            await gates[gate].PassAsync();
            throw new InvalidOperationException("too late");
        }

        public Task<int> CountAsync() => Task.FromResult(++_count);

        public async Task VisitAsync(string[] keys)
        {
            var next = GrainFactory.GetGrain<IWaitGrain>(keys[0]).VisitAsync(keys[1..]);
            // By now the next one waits in its queue or runs.
            _ = gates[$"visiting {this.GetPrimaryKeyString()}"].PassAsync();
            await next;
        }

        public Task<int> ReturnAsync(string to) => GrainFactory.GetGrain<IOpenGrain>(to).AnswerAsync();
    }

    [Reentrant]
    internal sealed class OpenGrain : Grain, IOpenGrain
    {
        public Task<int> AskAsync(string key) => GrainFactory.GetGrain<IWaitGrain>(key).ReturnAsync(this.GetPrimaryKeyString());

        public Task<int> AnswerAsync() => Task.FromResult(1);
    }
}
