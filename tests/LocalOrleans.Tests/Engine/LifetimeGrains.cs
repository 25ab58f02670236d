using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

/// <summary>What the grains of a test share: told from outside how to behave, and counting what happens.</summary>
internal sealed class Scenario
{
    private int _activations;
    private int _deactivations;
    private int _alive;
    private int _mostAlive;

    public int Activations => Volatile.Read(ref _activations);

    public int Deactivations => Volatile.Read(ref _deactivations);

    /// <summary>The most activations that were there at once; of one key, since each test of this uses one.</summary>
    public int MostAlive => Volatile.Read(ref _mostAlive);

    public Func<CancellationToken, Task> OnActivate { get; set; } = static _ => Task.CompletedTask;

    public Func<CancellationToken, Task> OnDeactivate { get; set; } = static _ => Task.CompletedTask;

    public int Born()
    {
        var alive = Interlocked.Increment(ref _alive);
        InterlockedMax(alive);
        return Interlocked.Increment(ref _activations);
    }

    public void Died()
    {
        Interlocked.Decrement(ref _alive);
        Interlocked.Increment(ref _deactivations);
    }

    private void InterlockedMax(int alive)
    {
        for (var most = _mostAlive; alive > most; most = _mostAlive)
        {
            Interlocked.CompareExchange(ref _mostAlive, alive, most);
        }
    }
}

internal interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>Which activation this is, counted from 1.</summary>
    Task<int> NumberAsync();

    Task<int> AddAsync();

    Task<int> HoldAsync(string gate);

    /// <summary>Waits at a gate, then asks another grain for its number.</summary>
    Task<int> HoldAndAskAsync(string gate, string other);

    /// <summary>Asks to end, and then waits at a gate.</summary>
    Task<int> EndAsync(string gate);

    Task DelayAsync(TimeSpan time);

    Task StartTimerAsync(TimeSpan period, bool keepAlive);

    [AlwaysInterleave]
    Task<int> PeekAsync();
}

internal interface IHourGrain : IGrainWithStringKey
{
    Task<int> NumberAsync();
}

internal interface IKeptGrain : IGrainWithStringKey
{
    Task<int> NumberAsync();
}

internal abstract class CountedGrain(Scenario scenario, Journal journal) : Grain
{
    private int _number;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _number = scenario.Born();
        try
        {
            await scenario.OnActivate(cancellationToken);
        }
        catch
        {
            scenario.Died();
            throw;
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        journal.Add($"{this.GetPrimaryKeyString()} ends: {reason.ReasonCode}");
        try
        {
            await scenario.OnDeactivate(cancellationToken);
        }
        finally
        {
            scenario.Died();
        }
    }

    public Task<int> NumberAsync() => Task.FromResult(_number);
}

internal sealed class LifeGrain(Scenario scenario, Journal journal, Gates gates) : CountedGrain(scenario, journal), ILifeGrain
{
    private int _calls;

    public Task<int> AddAsync() => Task.FromResult(++_calls);

    public async Task<int> HoldAsync(string gate)
    {
        await gates[gate].PassAsync();
        return await NumberAsync();
    }

    public async Task<int> HoldAndAskAsync(string gate, string other)
    {
        await gates[gate].PassAsync();
        return await GrainFactory.GetGrain<ILifeGrain>(other).NumberAsync();
    }

    public Task<int> EndAsync(string gate)
    {
        DeactivateOnIdle();
        return HoldAsync(gate);
    }

    public Task DelayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task StartTimerAsync(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(() => Task.CompletedTask, new GrainTimerCreationOptions(period, period) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task<int> PeekAsync() => NumberAsync();
}

[CollectionAgeLimit(Hours = 1)]
internal sealed class HourGrain(Scenario scenario, Journal journal) : CountedGrain(scenario, journal), IHourGrain;

[KeepAlive]
internal sealed class KeptGrain(Scenario scenario, Journal journal) : CountedGrain(scenario, journal), IKeptGrain;
