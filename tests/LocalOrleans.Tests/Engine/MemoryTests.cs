using Orleans;

namespace LlmObserve.LocalOrleans.Tests;

/// <summary>Alone in the process while it runs: it measures the heap.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public async Task Activations_InGreatNumber_StaySmall()
    {
        const int Count = 20_000;
        // 100,000 activations must fit well under 150 MB; their keys and scopes are in it.
        const int MostBytes = 1_000;
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<ISmallGrain>("warm up").AddAsync(1);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
        {
            await engine.Grains.GetGrain<ISmallGrain>($"account/customer-{i:D8}").AddAsync(i);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;

        Assert.Equal(Count + 1, engine.Core.ActivationCount);
        Assert.True(each < MostBytes, $"{each} bytes an activation");
    }

    internal interface ISmallGrain : IGrainWithStringKey
    {
        Task<long> AddAsync(int number);
    }

    internal sealed class SmallGrain(TimeProvider time) : Grain, ISmallGrain
    {
        private long _total;

        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            _total = time.TimestampFrequency > 0 ? 0 : 1;
            return Task.CompletedTask;
        }

        public Task<long> AddAsync(int number) => Task.FromResult(_total += number);
    }
}
