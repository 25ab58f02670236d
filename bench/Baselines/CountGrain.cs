using Orleans;

namespace LlmObserve.Bench.Baselines;

/// <summary>A grain that does as little as <see cref="ChannelActor"/>: what is left of a call is the engine.</summary>
[Alias("llmobserve.bench-count")]
internal interface ICountGrain : IGrainWithStringKey
{
    [Alias("add")]
    Task<long> AddAsync(int value);
}

/// <inheritdoc cref="ICountGrain"/>
internal sealed class CountGrain : Grain, ICountGrain
{
    private long _count;

    public Task<long> AddAsync(int value) => Task.FromResult(_count += value);
}
