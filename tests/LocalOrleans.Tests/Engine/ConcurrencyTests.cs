namespace LlmObserve.LocalOrleans.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Call_ToNewKey_ReachesItsOwnGrain()
    {
        await using var engine = new TestEngine();

        Assert.Equal(1, await engine.Grains.GetGrain<IQueueGrain>("a").NextAsync());
        Assert.Equal(2, await engine.Grains.GetGrain<IQueueGrain>("a").NextAsync());
        Assert.Equal(1, await engine.Grains.GetGrain<IQueueGrain>("b").NextAsync());
    }

    [Fact]
    public async Task Call_ReturningValueTask_Answers()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IQueueGrain>("a");

        Assert.Equal(1, await grain.NextValueAsync());
        await grain.TouchAsync();
    }

    [Fact]
    public async Task Call_WhileAnotherRuns_WaitsForItsEnd()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IQueueGrain>("a");
        var first = grain.HoldAsync("first");
        await engine.Gates["first"].ArrivalAsync();
        var second = grain.HoldAsync("second");
        var next = grain.NextAsync();

        // Interleaves, so it comes after whatever the grain could have started before.
        Assert.Equal(1, await grain.PeekAsync().Soon());
        Assert.False(second.IsCompleted || next.IsCompleted);

        engine.Gates["first"].Open();
        await engine.Gates["second"].ArrivalAsync();
        Assert.False(next.IsCompleted);
        engine.Gates["second"].Open();
        Assert.Equal(1, await second.Soon());
        Assert.Equal(1, await next.Soon());
        await first;
    }

    [Fact]
    public async Task Call_ToReentrantGrain_StartsWhileAnotherWaits()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IReentrantGrain>("a");
        var first = grain.HoldAsync("first");
        await engine.Gates["first"].ArrivalAsync();

        engine.Gates["second"].Open();
        Assert.Equal(2, await grain.HoldAsync("second").Soon());
        engine.Gates["first"].Open();
        Assert.Equal(1, await first.Soon());
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAnotherReads_StartsAtOnce()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IQueueGrain>("a");
        var first = grain.ReadAsync("reads");
        await engine.Gates["reads"].ArrivalAsync();
        var second = grain.ReadAsync("reads");
        await engine.Gates["reads"].ArrivalAsync();

        engine.Gates["reads"].Open();
        await Task.WhenAll(first, second).Soon();
        Assert.Equal((2, 2), (await first, await second));
    }

    [Fact]
    public async Task ReadOnlyCall_BehindAWaitingWriter_DoesNotOvertakeIt()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IQueueGrain>("a");
        var read = grain.ReadAsync("read");
        await engine.Gates["read"].ArrivalAsync();
        var write = grain.HoldAsync("write");
        var late = grain.ReadAsync("late");
        Assert.Equal(1, await grain.PeekAsync().Soon());

        engine.Gates["read"].Open();
        await engine.Gates["write"].ArrivalAsync();
        Assert.False(late.IsCompleted);
        engine.Gates["late"].Open();
        engine.Gates["write"].Open();
        Assert.Equal(1, await late.Soon());
        await Task.WhenAll(read, write);
    }

    [Fact]
    public async Task OneWayCall_ThatFails_EndsAtOnceForItsCallerAndIsLogged()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IQueueGrain>("a");

        var sent = grain.NotifyAsync("gate");
        Assert.True(sent.IsCompletedSuccessfully);
        await engine.Gates["gate"].ArrivalAsync();
        engine.Gates["gate"].Open();
        await grain.NextAsync().Soon();

        Assert.Equal(["notified"], engine.Journal.Entries);
        Assert.Contains(engine.Log.Lines, line => line.Contains("IQueueGrain.NotifyAsync failed", StringComparison.Ordinal));
    }
}
