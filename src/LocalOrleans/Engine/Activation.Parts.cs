using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans;

// Timers and persistent states: both end with the activation.
internal sealed partial class Activation
{
    public IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (!ReferenceEquals(Current, this))
        {
            throw new InvalidOperationException($"A timer of {GrainId} can only be made in a turn of it.");
        }

        var timer = new GrainTimer(this, callback, options);
        lock (_lock)
        {
            (Rare.Timers ??= []).Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (_lock)
        {
            _extras?.Timers?.Remove(timer);
        }
    }

    public PersistentState<TState> AddState<TState>(string name, IGrainStorage storage)
    {
        var state = new PersistentState<TState>(name, GrainId, storage);
        (Rare.States ??= []).Add(state);
        return state;
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_lock)
        {
            timers = _extras?.Timers?.ToArray() ?? [];
        }

        foreach (var timer in timers)
        {
            timer.Dispose();
        }
    }
}
