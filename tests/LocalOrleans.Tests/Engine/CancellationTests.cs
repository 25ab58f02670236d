using Orleans;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task Token_OfACall_ReachesTheGrain()
    {
        await using var engine = new TestEngine();
        using var source = new CancellationTokenSource();
        var call = engine.Grains.GetGrain<ITokenGrain>("a").WaitAsync("gate", source.Token);
        await engine.Gates["gate"].ArrivalAsync();

        await source.CancelAsync();
        var caught = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());

        Assert.Equal(source.Token, caught.CancellationToken);
        Assert.Equal(1, await engine.Grains.GetGrain<ITokenGrain>("a").CanceledAsync().Soon());
    }

    [Fact]
    public async Task Token_CanceledWhileTheCallWaits_EndsItAndTheGrainNeverSeesIt()
    {
        await using var engine = new TestEngine();
        using var source = new CancellationTokenSource();
        var grain = engine.Grains.GetGrain<ITokenGrain>("a");
        var held = grain.WaitAsync("gate", CancellationToken.None);
        await engine.Gates["gate"].ArrivalAsync();
        var waiting = grain.WaitAsync("never", source.Token);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        engine.Gates["gate"].Open();
        await held.Soon();

        Assert.Equal(1, await grain.StartedAsync().Soon());
    }

    [Fact]
    public async Task Token_CanceledBefore_KeepsTheCallFromItsGrain()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITokenGrain>("a");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.WaitAsync("gate", new CancellationToken(canceled: true)).Soon());

        Assert.Equal(0, await grain.StartedAsync());
        Assert.Empty(engine.Core.Outstanding.Snapshot());
    }

    internal interface ITokenGrain : IGrainWithStringKey
    {
        Task WaitAsync(string gate, CancellationToken cancellationToken);

        Task<int> StartedAsync();

        Task<int> CanceledAsync();
    }

    internal sealed class TokenGrain(Gates gates) : Grain, ITokenGrain
    {
        private int _started;
        private int _canceled;

        public async Task WaitAsync(string gate, CancellationToken cancellationToken)
        {
            _started++;
            try
            {
                await gates[gate].PassAsync().WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _canceled++;
                throw;
            }
        }

        public Task<int> StartedAsync() => Task.FromResult(_started);

        public Task<int> CanceledAsync() => Task.FromResult(_canceled);
    }
}
