using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class ActivationTests
{
    [Fact]
    public async Task FirstCalls_OfManyCallersAtOnce_MeetOneActivation()
    {
        const int Rounds = 500;
        const int Callers = 8;
        await using var engine = new TestEngine();
        var calls = new Task<int>[Rounds, Callers];
        using var start = new Barrier(Callers);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    start.SignalAndWait();
                    calls[round, caller] = engine.Grains.GetGrain<ILifeGrain>($"key {round}").AddAsync();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))).Soon();
        for (var round = 0; round < Rounds; round++)
        {
            // One instance counted them all.
            var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => calls[round, caller])).Soon();
            Assert.Equal(Enumerable.Range(1, Callers), answers.Order());
        }

        Assert.Equal(Rounds, engine.Scenario.Activations);
    }

    [Fact]
    public async Task Calls_WhileActivating_WaitAndThenRunInOrder()
    {
        await using var engine = new TestEngine();
        engine.Scenario.OnActivate = _ => engine.Gates["activate"].PassAsync();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var calls = Enumerable.Range(0, 5).Select(_ => grain.AddAsync()).ToList();
        var peek = grain.PeekAsync();
        await engine.Gates["activate"].ArrivalAsync();
        Assert.All(calls.Append(peek), call => Assert.False(call.IsCompleted));

        engine.Gates["activate"].Open();
        await Task.WhenAll(calls).Soon();
        Assert.Equal(1, await peek.Soon());
        Assert.Equal([1, 2, 3, 4, 5], calls.ConvertAll(static call => call.Result));
    }

    [Fact]
    public async Task Activation_ThatFails_FailsTheWaitingCallsWithItsCauseAndTheNextCallTriesAnew()
    {
        await using var engine = new TestEngine();
        var cause = new InvalidOperationException("no database");
        engine.Scenario.OnActivate = async _ =>
        {
            await engine.Gates["activate"].PassAsync();
            throw cause;
        };
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var calls = new[] { grain.AddAsync(), grain.AddAsync(), grain.PeekAsync() };
        await engine.Gates["activate"].ArrivalAsync();
        engine.Gates["activate"].Open();

        foreach (var call in calls)
        {
            Assert.Same(cause, await Assert.ThrowsAsync<InvalidOperationException>(() => call.Soon()));
            Assert.Contains(nameof(Activation_ThatFails_FailsTheWaitingCallsWithItsCauseAndTheNextCallTriesAnew), cause.StackTrace, StringComparison.Ordinal);
        }

        engine.Scenario.OnActivate = static _ => Task.CompletedTask;
        Assert.Equal(2, await grain.NumberAsync().Soon());
        Assert.Equal(1, engine.Scenario.Deactivations);
    }

    [Fact]
    public async Task Activation_WhoseConstructorThrows_FailsTheCallWithThatException()
    {
        await using var engine = new TestEngine();

        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => engine.Grains.GetGrain<IUnmadeGrain>("a").RunAsync().Soon());

        Assert.Equal("never", failure.Message);
    }

    [Fact]
    public async Task Activation_ThatHangs_FailsWhenACallWouldTimeOut()
    {
        await using var engine = new TestEngine(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
        CancellationToken seen = default;
        engine.Scenario.OnActivate = token =>
        {
            seen = token;
            return engine.Gates["activate"].PassAsync();
        };
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var call = grain.NumberAsync();
        await engine.Gates["activate"].ArrivalAsync();
        var ended = engine.ActivationOf<ILifeGrain>("a").Deactivated;

        engine.Clock.Advance(TimeSpan.FromSeconds(12));
        await Assert.ThrowsAsync<TimeoutException>(() => call.Soon());
        Assert.True(seen.IsCancellationRequested);
        await ended.Soon();

        engine.Scenario.OnActivate = static _ => Task.CompletedTask;
        Assert.Equal(2, await grain.NumberAsync().Soon());
    }

    [Fact]
    public async Task Grain_Constructed_HasItsServicesAndContext()
    {
        await using var engine = new TestEngine(register: services => services.AddScoped<ScopedThing>().AddKeyedSingleton("key", "value"));
        var grain = engine.Grains.GetGrain<IInjectedGrain>("a");

        Assert.Equal("injected/a value 7", await grain.DescribeAsync());
        var scoped = await grain.ScopedAsync();
        Assert.Same(scoped, await grain.ScopedAsync());
        Assert.NotSame(scoped, await engine.Grains.GetGrain<IInjectedGrain>("b").ScopedAsync());

        var activation = engine.ActivationOf<IInjectedGrain>("a");
        activation.Deactivate(default);
        await activation.Deactivated.Soon();
        Assert.True(scoped.IsDisposed);
        Assert.Null(activation.GrainInstance);
    }

    internal interface IUnmadeGrain : IGrainWithStringKey
    {
        Task RunAsync();
    }

    internal interface IInjectedGrain : IGrainWithStringKey
    {
        Task<string> DescribeAsync();

        Task<ScopedThing> ScopedAsync();
    }

    internal sealed class UnmadeGrain : Grain, IUnmadeGrain
    {
        public UnmadeGrain() => throw new NotSupportedException("never");

        public Task RunAsync() => Task.CompletedTask;
    }

    internal sealed class InjectedGrain(
        Orleans.Runtime.IGrainContext context, ScopedThing scoped, [FromKeyedServices("key")] string keyed, int number = 7)
        : Grain, IInjectedGrain
    {
        public Task<string> DescribeAsync() =>
            Task.FromResult(ReferenceEquals(context, GrainContext) ? $"{context.GrainId} {keyed} {number}" : "another context");

        public Task<ScopedThing> ScopedAsync() => Task.FromResult(scoped);
    }

    internal sealed class ScopedThing : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
