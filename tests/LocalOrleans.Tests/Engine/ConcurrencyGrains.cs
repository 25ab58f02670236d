using Orleans;
using Orleans.Concurrency;

namespace LlmObserve.LocalOrleans.Tests;

internal interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Waits at a gate; answers the most requests that were inside this grain at once.</summary>
    Task<int> HoldAsync(string gate);

    Task<int> NextAsync();

    [AlwaysInterleave]
    Task<int> PeekAsync();

    [ReadOnly]
    Task<int> ReadAsync(string gate);

    [OneWay]
    Task NotifyAsync(string gate);

    ValueTask<int> NextValueAsync();

    ValueTask TouchAsync();
}

internal sealed class QueueGrain(Gates gates, Journal journal) : Grain, IQueueGrain
{
    private int _count;
    private int _inside;
    private int _most;

    public async Task<int> HoldAsync(string gate)
    {
        _most = Math.Max(_most, ++_inside);
        await gates[gate].PassAsync();
        _inside--;
        return _most;
    }

    public Task<int> NextAsync() => Task.FromResult(++_count);

    public Task<int> PeekAsync() => Task.FromResult(_inside);

    public Task<int> ReadAsync(string gate) => HoldAsync(gate);

    public async Task NotifyAsync(string gate)
    {
        await gates[gate].PassAsync();
        journal.Add("notified");
        throw new InvalidOperationException("nobody hears this");
    }

    public ValueTask<int> NextValueAsync() => new(++_count);

    public ValueTask TouchAsync() => ValueTask.CompletedTask;
}

internal interface IReentrantGrain : IGrainWithStringKey
{
    Task<int> HoldAsync(string gate);
}

[Reentrant]
internal sealed class ReentrantGrain(Gates gates) : Grain, IReentrantGrain
{
    private int _inside;

    public async Task<int> HoldAsync(string gate)
    {
        var inside = ++_inside;
        await gates[gate].PassAsync();
        return inside;
    }
}
