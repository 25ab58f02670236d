using Orleans;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class DeactivationTests
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(15);

    // Rounds and ticks of the collection come on top of the age.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Grain_UnusedForItsAge_EndsAndComesBackWithTheNextCall()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        await grain.NumberAsync();
        var ended = engine.ActivationOf<ILifeGrain>("a").Deactivated;

        await engine.IdleAsync(Age);
        Assert.False(ended.IsCompleted);
        Assert.Empty(engine.Journal.Entries);
        await engine.IdleAsync(Slack);
        await ended.Soon();

        Assert.Equal(["a ends: ActivationIdle"], engine.Journal.Entries);
        Assert.Equal(0, engine.Core.ActivationCount);
        Assert.Equal(2, await grain.NumberAsync().Soon());
    }

    [Fact]
    public async Task Grain_UsedWithinItsAge_Stays()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(1, await grain.NumberAsync());
            await engine.IdleAsync(Age - TimeSpan.FromMinutes(1));
        }

        Assert.Equal(1, await grain.NumberAsync());
    }

    [Fact]
    public async Task Grain_WithARequestRunning_IsNotIdle()
    {
        await using var engine = new TestEngine(options => options.ResponseTimeout = TimeSpan.FromDays(1));
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var held = grain.HoldAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();

        engine.Clock.Advance(Age + Slack);
        engine.Gates["gate"].Open();

        Assert.Equal(1, await held.Soon());
        Assert.Equal(1, await grain.NumberAsync());
    }

    [Fact]
    public async Task Grain_OfAClassWithItsOwnAge_EndsByThat()
    {
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<IHourGrain>("hour").NumberAsync();
        await engine.Grains.GetGrain<IKeptGrain>("kept").NumberAsync();
        var hour = engine.ActivationOf<IHourGrain>("hour").Deactivated;

        await engine.IdleAsync(Age + Slack);
        Assert.False(hour.IsCompleted);
        await engine.IdleAsync(TimeSpan.FromHours(1));
        await hour.Soon();
        await engine.IdleAsync(TimeSpan.FromDays(2));

        Assert.Equal(["hour ends: ActivationIdle"], engine.Journal.Entries);
        Assert.Equal(1, engine.Core.ActivationCount);
    }

    [Fact]
    public async Task DelayDeactivation_UntilItIsOver_KeepsTheGrain()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        await grain.DelayAsync(TimeSpan.FromHours(2));
        var ended = engine.ActivationOf<ILifeGrain>("a").Deactivated;

        await engine.IdleAsync(TimeSpan.FromHours(2) - Slack);
        Assert.False(ended.IsCompleted);
        await engine.IdleAsync(Slack + Slack);
        await ended.Soon();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DelayDeactivation_ForEver_KeepsTheGrainUntilTakenBack(bool infinite)
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        await grain.DelayAsync(infinite ? Timeout.InfiniteTimeSpan : TimeSpan.MaxValue);
        var ended = engine.ActivationOf<ILifeGrain>("a").Deactivated;
        await engine.IdleAsync(TimeSpan.FromDays(2));
        Assert.False(ended.IsCompleted);

        await grain.DelayAsync(TimeSpan.Zero);
        await engine.IdleAsync(Age + Slack);
        await ended.Soon();
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Timer_KeepsItsGrainOnlyWhereItSaysSo(bool keepAlive, int number)
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        await grain.StartTimerAsync(TimeSpan.FromMinutes(1), keepAlive);
        for (var minute = 0; minute < 20; minute++)
        {
            await engine.IdleAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(number, await grain.NumberAsync().Soon());
    }

    [Fact]
    public async Task DeactivateOnIdle_WithRequestsRunningAndWaiting_EndsAfterTheFirstAndPassesTheOthersOn()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var ending = grain.EndAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();
        var waiting = Enumerable.Range(0, 5).Select(_ => grain.NumberAsync()).ToList();
        var interleaving = grain.PeekAsync();
        Assert.Empty(engine.Journal.Entries);

        engine.Gates["gate"].Open();
        Assert.Equal(1, await ending.Soon());
        foreach (var call in waiting.Append(interleaving))
        {
            Assert.Equal(2, await call.Soon());
        }

        Assert.Equal(["a ends: ApplicationRequested"], engine.Journal.Entries);
        Assert.Equal(1, engine.Scenario.MostAlive);
    }

    [Fact]
    public async Task Call_DuringOnDeactivate_GoesToTheNextActivationAfterIt()
    {
        await using var engine = new TestEngine();
        engine.Scenario.OnDeactivate = _ => engine.Gates["deactivate"].PassAsync();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        engine.Gates["end"].Open();
        await grain.EndAsync("end").Soon();
        await engine.Gates["deactivate"].ArrivalAsync();
        var call = grain.NumberAsync();
        var other = engine.Grains.GetGrain<ILifeGrain>("a").NumberAsync();
        Assert.Equal(1, engine.Scenario.Activations);

        engine.Gates["deactivate"].Open();
        Assert.Equal(2, await call.Soon());
        Assert.Equal(2, await other.Soon());
        Assert.Equal(1, engine.Scenario.MostAlive);
    }

    [Fact]
    public async Task OnDeactivate_ThatThrows_IsLoggedAndTheGrainEndsAllTheSame()
    {
        await using var engine = new TestEngine();
        engine.Scenario.OnDeactivate = static _ => throw new InvalidOperationException("cannot write");
        engine.Gates["end"].Open();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        await grain.EndAsync("end").Soon();

        Assert.Equal(2, await grain.NumberAsync().Soon());
        Assert.Contains(engine.Log.Lines, line => line.Contains("cannot write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deactivation_UnderLoad_LosesAndDoublesNoCall()
    {
        const int Callers = 8;
        const int CallsEach = 4_000;
        const int CallsBetweenEnds = 100;
        await using var engine = new TestEngine();
        var ledger = new Ledger();
        engine.Scenario.OnActivate = async _ => await Task.Yield();
        engine.Scenario.OnDeactivate = async _ => await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                var id = (caller * CallsEach) + call;
                if (id % CallsBetweenEnds == 0)
                {
                    EndAll();
                }

                Assert.Equal(id, await engine.Grains.GetGrain<ILedgerGrain>("one").WriteAsync(ledger, id, yields: call % 3 == 0));
            }
        }))).Soon();

        Assert.Equal(Enumerable.Range(0, Callers * CallsEach), ledger.Written.Order());
        Assert.False(ledger.Overlapped);
        Assert.Equal(1, engine.Scenario.MostAlive);
        Assert.True(engine.Scenario.Deactivations > 10, $"{engine.Scenario.Deactivations} activations ended");

        // As the collector and DeactivateOnIdle do, at any moment.
        void EndAll()
        {
            foreach (var activation in engine.Core.ContractOf(typeof(ILedgerGrain)).Class.Activations)
            {
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "Under load."));
            }
        }
    }

    [Fact]
    public async Task Collection_UnderLoad_LosesAndDoublesNoCall()
    {
        const int Keys = 50;
        const int Rounds = 100;
        const int MostRounds = 10_000;
        await using var engine = new TestEngine(options => options.ResponseTimeout = TimeSpan.FromDays(40));
        var ledger = new Ledger();
        var answers = new List<Task<int>>();
        for (var round = 0; round < Rounds || (engine.Scenario.Deactivations <= Keys && round < MostRounds); round++)
        {
            if (round >= Rounds)
            {
                // On a busy machine all calls may still wait when the clock has come to its end: then some are let through first.
                await Task.WhenAll(answers).Soon();
            }

            for (var key = 0; key < Keys; key++)
            {
                answers.Add(engine.Grains.GetGrain<ILedgerGrain>($"key {key}").WriteAsync(ledger, answers.Count, yields: key % 2 == 0));
            }

            engine.Clock.Advance(Age + Slack);
        }

        var ids = await Task.WhenAll(answers).Soon();

        Assert.Equal(Enumerable.Range(0, answers.Count), ids);
        Assert.Equal(ids, ledger.Written.Order());
        Assert.True(engine.Scenario.Deactivations > Keys, $"{engine.Scenario.Deactivations} activations ended");
    }

    internal sealed class Ledger
    {
        private readonly List<int> _written = [];
        private int _inside;

        public bool Overlapped { get; private set; }

        public IReadOnlyList<int> Written => _written;

        // The lock is for several keys; one key's requests must not meet here at all.
        public async Task WriteAsync(int id, bool yields, bool alone)
        {
            Overlapped |= Interlocked.Increment(ref _inside) > 1 && alone;
            if (yields)
            {
                await Task.Yield();
            }

            lock (_written)
            {
                _written.Add(id);
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    internal interface ILedgerGrain : IGrainWithStringKey
    {
        Task<int> WriteAsync(Ledger ledger, int id, bool yields);
    }

    internal sealed class LedgerGrain(Scenario scenario, Journal journal) : CountedGrain(scenario, journal), ILedgerGrain
    {
        public async Task<int> WriteAsync(Ledger ledger, int id, bool yields)
        {
            await ledger.WriteAsync(id, yields, alone: this.GetPrimaryKeyString() == "one");
            return id;
        }
    }
}
