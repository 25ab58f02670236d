using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class TurnTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GrainCode_AtEveryAwait_RunsOnItsActivationsScheduler(bool callerHasContext)
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITurnGrain>("a");
        await grain.AddAsync(0, 0);
        var context = callerHasContext ? new CountingContext() : null;
        Task<string> call;
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            // The grain is idle, so its first turn runs right here.
            call = grain.ObserveAsync();
            Assert.Same(context, SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        engine.Gates["observe"].Open();
        Assert.Equal("own own own own other own", await call.Soon());
        Assert.Equal(0, context?.Posts ?? 0);
    }

    [Fact]
    public async Task Turns_OfAReentrantGrainUnderLoad_NeverOverlap()
    {
        const int Callers = 64;
        const int CallsEach = 300;
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITurnGrain>("a");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                await grain.AddAsync(1, yields: (caller + call) % 4);
            }
        }))).Soon();

        Assert.Equal((Callers * CallsEach, false), await grain.TotalAsync());
    }

    [Fact]
    public async Task Requests_OfANonReentrantGrainUnderLoad_NeverOverlap()
    {
        const int Callers = 64;
        const int CallsEach = 200;
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IAloneGrain>("a");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                await grain.AddAsync((caller + call) % 3);
            }
        }))).Soon();

        Assert.Equal((Callers * CallsEach, false), await grain.TotalAsync());
    }

    [Fact]
    public async Task Calls_NestedDeeply_DoNotExhaustTheStack()
    {
        const int Depth = 5_000;
        await using var engine = new TestEngine();

        Assert.Equal(Depth, await engine.Grains.GetGrain<IDeepGrain>("0").DescendAsync(Depth).Soon());
        // Once all are idle, each could run inside the turn of the one before.
        Assert.Equal(Depth, await engine.Grains.GetGrain<IDeepGrain>("0").DescendAsync(Depth).Soon());
    }

    [Fact]
    public async Task AsyncLocal_SetByAGrain_DoesNotReachItsCaller()
    {
        await using var engine = new TestEngine(register: services => services.AddSingleton(new AsyncLocal<string>()));
        var local = engine.Services.GetRequiredService<AsyncLocal<string>>();
        local.Value = "caller";
        var grain = engine.Grains.GetGrain<ILocalGrain>("a");
        await grain.ExchangeAsync("warm up");

        var call = grain.ExchangeAsync("grain");
        Assert.Equal("caller", local.Value);
        Assert.Equal("caller", await call);
        Assert.Equal("caller", local.Value);
    }

    internal interface ITurnGrain : IGrainWithStringKey
    {
        Task<string> ObserveAsync();

        Task AddAsync(int number, int yields);

        Task<(int Total, bool Overlapped)> TotalAsync();
    }

    internal interface IAloneGrain : IGrainWithStringKey
    {
        Task AddAsync(int yields);

        Task<(int Total, bool Overlapped)> TotalAsync();
    }

    internal interface IDeepGrain : IGrainWithStringKey
    {
        Task<int> DescendAsync(int levels);
    }

    internal interface ILocalGrain : IGrainWithStringKey
    {
        Task<string?> ExchangeAsync(string value);
    }

    [Reentrant]
    internal sealed class TurnGrain(Gates gates) : Grain, ITurnGrain
    {
        private int _total;
        private int _inside;
        private bool _overlapped;

        public async Task<string> ObserveAsync()
        {
            var seen = new List<string> { Where() };
            await Task.Yield();
            seen.Add(Where());
            await gates["observe"].PassAsync();
            seen.Add(Where());
            await Task.Factory.StartNew(() => seen.Add(Where()), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
            seen.Add(await Task.Run(Where));
            seen.Add(Where());
            return string.Join(' ', seen);
        }

        public async Task AddAsync(int number, int yields)
        {
            for (var i = 0; i < yields; i++)
            {
                Step(0);
                await Task.Yield();
            }

            Step(number);
        }

        public Task<(int Total, bool Overlapped)> TotalAsync() => Task.FromResult((_total, _overlapped));

        // A synchronous section: no two of them at once, and what one writes the next one reads.
        private void Step(int number)
        {
            _overlapped |= Interlocked.Increment(ref _inside) != 1;
            var total = _total;
            Thread.SpinWait(20);
            _total = total + number;
            Interlocked.Decrement(ref _inside);
        }

        private string Where() => TaskScheduler.Current == GrainContext ? "own" : "other";
    }

    internal sealed class AloneGrain : Grain, IAloneGrain
    {
        private int _total;
        private bool _inside;
        private bool _overlapped;

        public async Task AddAsync(int yields)
        {
            _overlapped |= _inside;
            _inside = true;
            for (var i = 0; i < yields; i++)
            {
                await Task.Yield();
            }

            _inside = false;
            _total++;
        }

        public Task<(int Total, bool Overlapped)> TotalAsync() => Task.FromResult((_total, _overlapped));
    }

    internal sealed class DeepGrain : Grain, IDeepGrain
    {
        public async Task<int> DescendAsync(int levels)
        {
            var own = int.Parse(this.GetPrimaryKeyString());
            return own == levels ? own : await GrainFactory.GetGrain<IDeepGrain>($"{own + 1}").DescendAsync(levels);
        }
    }

    internal sealed class LocalGrain(AsyncLocal<string> local) : Grain, ILocalGrain
    {
        public Task<string?> ExchangeAsync(string value)
        {
            var before = local.Value;
            local.Value = value;
            return Task.FromResult(before);
        }
    }

    private sealed class CountingContext : SynchronizationContext
    {
        public int Posts { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Posts++;
            base.Post(d, state);
        }
    }
}
