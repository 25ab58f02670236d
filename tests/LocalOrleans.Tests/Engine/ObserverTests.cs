using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class ObserverTests
{
    [Fact]
    public async Task Notification_OfAGrain_ReachesTheObserverInOrderAndWithoutWaiting()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]);
        var reference = engine.Grains.CreateObjectReference<IObserver>(observer);
        var grain = engine.Grains.GetGrain<ISubjectGrain>("a");
        await grain.SubscribeAsync(reference);

        // The observer stands at its gate: the grain goes on all the same.
        for (var i = 0; i < 100; i++)
        {
            await grain.NotifyAsync(i).Soon();
        }

        await engine.Gates["observer"].ArrivalAsync();
        Assert.Equal([0], observer.Seen);
        engine.Gates["observer"].Open();
        await observer.HasSeenAsync(100);
        Assert.Equal(Enumerable.Range(0, 100), observer.Seen);
    }

    [Fact]
    public async Task Observer_ThatThrows_NeitherFailsTheGrainNorStopsTheDelivery()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]) { ThrowsAt = 0 };
        engine.Gates["observer"].Open();
        var grain = engine.Grains.GetGrain<ISubjectGrain>("a");
        await grain.SubscribeAsync(engine.Grains.CreateObjectReference<IObserver>(observer));

        await grain.NotifyAsync(0);
        await grain.NotifyAsync(1);
        await observer.HasSeenAsync(2);

        Assert.Contains(engine.Log.Lines, line => line.Contains("IObserver.Happened failed | broken observer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Question_ToAnObserver_IsAnswered()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]);
        var grain = engine.Grains.GetGrain<ISubjectGrain>("a");
        await grain.SubscribeAsync(engine.Grains.CreateObjectReference<IObserver>(observer));

        Assert.Equal(42, await grain.AskAsync(21).Soon());
    }

    [Fact]
    public async Task Observer_Deleted_IsToldNothingMore()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]);
        engine.Gates["observer"].Open();
        var reference = engine.Grains.CreateObjectReference<IObserver>(observer);
        var grain = engine.Grains.GetGrain<ISubjectGrain>("a");
        await grain.SubscribeAsync(reference);

        engine.Grains.DeleteObjectReference<IObserver>(reference);
        await grain.NotifyAsync(1);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.AskAsync(1).Soon());

        Assert.Empty(observer.Seen);
    }

    [Fact]
    public async Task Observer_ThatNobodyKeeps_IsCollected()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ISubjectGrain>("a");
        await SubscribeNewAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        await grain.NotifyAsync(1);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.AskAsync(1).Soon());

        [MethodImpl(MethodImplOptions.NoInlining)]
        Task SubscribeNewAsync() =>
            grain.SubscribeAsync(engine.Grains.CreateObjectReference<IObserver>(new Observer(engine.Gates["observer"])));
    }

    [Fact]
    public async Task Observer_TooFarBehind_LosesTheNewestAndTheLogSaysHowMany()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]);
        var reference = engine.Grains.CreateObjectReference<IObserver>(observer);
        reference.Happened(0);
        await engine.Gates["observer"].ArrivalAsync();

        // One is with the observer, and the queue takes so many more.
        const int Dropped = 5;
        for (var i = 1; i <= ObserverQueue.MaxWaiting + Dropped; i++)
        {
            reference.Happened(i);
        }

        engine.Gates["observer"].Open();
        await observer.HasSeenAsync(ObserverQueue.MaxWaiting + 1);
        Assert.Equal(2 * 7, await reference.DoubleAsync(7).Soon());
        Assert.Equal(Enumerable.Range(0, ObserverQueue.MaxWaiting + 1), observer.Seen);
        Assert.Contains(engine.Log.Lines, line => line.Contains($"{Dropped} notifications to a slow observer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reference_OfAnObserver_EqualsOnlyItself()
    {
        await using var engine = new TestEngine();
        var observer = new Observer(engine.Gates["observer"]);
        var reference = engine.Grains.CreateObjectReference<IObserver>(observer);
        var other = engine.Grains.CreateObjectReference<IObserver>(observer);

        Assert.Equal(reference, reference);
        Assert.NotEqual(reference, other);
        Assert.Throws<ArgumentException>(() => engine.Grains.CreateObjectReference<IObserver>(reference));
        Assert.Throws<ArgumentException>(() => engine.Grains.DeleteObjectReference<IObserver>(observer));
    }

    internal interface IObserver : IGrainObserver
    {
        void Happened(int what);

        Task<int> DoubleAsync(int number);
    }

    internal interface ISubjectGrain : IGrainWithStringKey
    {
        Task SubscribeAsync(IObserver observer);

        Task NotifyAsync(int what);

        Task<int> AskAsync(int number);
    }

    internal sealed class SubjectGrain : Grain, ISubjectGrain
    {
        private readonly HashSet<IObserver> _observers = [];

        public Task SubscribeAsync(IObserver observer)
        {
            _observers.Add(observer);
            return Task.CompletedTask;
        }

        public Task NotifyAsync(int what)
        {
            foreach (var observer in _observers)
            {
                observer.Happened(what);
            }

            return Task.CompletedTask;
        }

        public Task<int> AskAsync(int number) => _observers.Single().DoubleAsync(number);
    }

    private sealed class Observer(Gate gate) : IObserver
    {
        private readonly List<int> _seen = [];
        private readonly Channel<int> _arrivals = Channel.CreateUnbounded<int>();

        public int? ThrowsAt { get; init; }

        public IReadOnlyList<int> Seen
        {
            get
            {
                lock (_seen)
                {
                    return [.. _seen];
                }
            }
        }

        public void Happened(int what)
        {
            lock (_seen)
            {
                _seen.Add(what);
            }

            _arrivals.Writer.TryWrite(what);
            // The delivery is one at a time, so a void method that blocks holds up those behind it.
            gate.PassAsync().Wait(TimeSpan.FromSeconds(60));
            if (what == ThrowsAt)
            {
                throw new InvalidOperationException("broken observer");
            }
        }

        public Task<int> DoubleAsync(int number) => Task.FromResult(2 * number);

        public async Task HasSeenAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await _arrivals.Reader.ReadAsync().AsTask().Soon();
            }
        }
    }
}
