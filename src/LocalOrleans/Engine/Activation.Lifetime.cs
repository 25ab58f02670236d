using System.Diagnostics.CodeAnalysis;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

// From the first call to the end. The stages only go forward.
internal sealed partial class Activation
{
    private enum Stage : byte
    {
        /// <summary>In the directory; no call yet.</summary>
        New,

        /// <summary>A call has come; the grain is being made.</summary>
        Activating,

        /// <summary>Requests run.</summary>
        Active,

        /// <summary>Requests that run end; others wait for the next activation.</summary>
        Deactivating,

        /// <summary>OnDeactivateAsync runs.</summary>
        Finishing,

        /// <summary>Out of the directory.</summary>
        Dead,
    }

    private volatile Stage _state;
    private bool _deactivateOnceActive;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_state >= Stage.Deactivating || _deactivateOnceActive)
            {
                return;
            }

            Rare.Reason = deactivationReason;
            Rare.DeactivationToken = cancellationToken;
            if (_state == Stage.Activating)
            {
                _deactivateOnceActive = true;
                return;
            }

            _state = Stage.Deactivating;
            if (!TakeTurnForWork())
            {
                return;
            }
        }

        QueueToPool();
    }

    /// <summary>Completes when nothing runs or waits here; for a graceful stop. Completed where that is so now.</summary>
    public Task WhenQuiet()
    {
        lock (_lock)
        {
            if (IsQuiet())
            {
                return Task.CompletedTask;
            }

            if (Rare.Quiet is not { Task.IsCompleted: false })
            {
                Rare.Quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return Rare.Quiet.Task;
        }
    }

    private bool IsQuiet() =>
        _state == Stage.Dead
        || (_state is Stage.New or Stage.Active && !_turnTaken && _running == 0 && _waiting.Count + _interleaving.Count == 0);

    // What there is to do beside the turns already queued; under the lock.
    private bool HasWork() => _turns is { Count: > 0 } || _state switch
    {
        Stage.New => _waiting.Count + _interleaving.Count > 0,
        Stage.Active => HasRequest(),
        Stage.Deactivating => _running == 0,
        _ => false,
    };

    private bool TryNextStep([NotNullWhen(true)] out Task? turn)
    {
        switch (_state)
        {
            case Stage.New when _waiting.Count + _interleaving.Count > 0:
                _state = Stage.Activating;
                turn = new Task(static state => _ = ((Activation)state!).ActivateAsync(), this);
                return true;
            case Stage.Active:
                turn = NextRequest()?.Turn;
                return turn is not null;
            case Stage.Deactivating when _running == 0:
                _state = Stage.Finishing;
                turn = new Task(static state => _ = ((Activation)state!).FinishAsync(), this);
                return true;
            default:
                turn = null;
                return false;
        }
    }

    private async Task ActivateAsync()
    {
        try
        {
            _instance = Class.CreateInstance(this);
            if (Class.Activates || _extras?.States is not null)
            {
                await SetUpAsync((IGrainBase)_instance);
            }
        }
        catch (Exception exception)
        {
            // The boundary of grain code: a failed activation is the answer of the calls that wait for it.
            GrainEngine.Log.ActivationFailed(Class.Engine.Logger, exception, GrainId);
            await DisposeInstanceAsync();
            foreach (var call in Bury())
            {
                call.Refuse(Class.Engine, exception);
            }

            return;
        }

        lock (_lock)
        {
            _state = _deactivateOnceActive ? Stage.Deactivating : Stage.Active;
            _lastUsed = Class.Engine.Now;
        }
    }

    // A set-up that hangs is given up, as on a cluster: else its key would be lost for good. Nobody waits longer than a response
    // time-out for the calls that wait here.
    private async Task SetUpAsync(IGrainBase grain)
    {
        var time = Class.Engine.Options.ResponseTimeout;
        using var limit = new CancellationTokenSource(time, Class.Engine.Time);
        try
        {
            await ReadStatesAsync(limit.Token).WaitAsync(limit.Token);
            await grain.OnActivateAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException canceled) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"{GrainId} did not activate within {time}.", canceled);
        }
    }

    private async Task FinishAsync()
    {
        var engine = Class.Engine;
        StopTimers();
        if (Class.Deactivates && _instance is IGrainBase grain)
        {
            try
            {
                using var time = new CancellationTokenSource(engine.Options.DrainTimeout, engine.Time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(
                    time.Token, Rare.DeactivationToken, engine.DeactivationToken);
                await grain.OnDeactivateAsync(Rare.Reason, limit.Token).WaitAsync(limit.Token);
            }
            catch (Exception exception)
            {
                // The boundary of grain code: the activation ends all the same.
                GrainEngine.Log.DeactivationFailed(engine.Logger, exception, GrainId);
            }
        }

        await DisposeInstanceAsync();
        foreach (var call in Bury())
        {
            Class.Redirect(call, Key);
        }
    }

    // Out of the directory first, so that whoever finds this dead finds the next one there.
    private List<Call> Bury()
    {
        Class.Forget(this);
        var left = new List<Call>();
        lock (_lock)
        {
            _state = Stage.Dead;
            while (_interleaving.First is not null)
            {
                left.Add(_interleaving.Dequeue());
            }

            while (_waiting.First is not null)
            {
                left.Add(_waiting.Dequeue());
            }

            _extras?.Deactivated?.TrySetResult();
            _extras?.Quiet?.TrySetResult();
        }

        left.RemoveAll(static call => call.IsLocal || call.IsAbandoned);
        return left;
    }

    private async Task ReadStatesAsync(CancellationToken cancellationToken)
    {
        foreach (var state in _extras?.States ?? [])
        {
            await state.ReadStateAsync(cancellationToken);
        }
    }

    private async ValueTask DisposeInstanceAsync()
    {
        StopTimers();
        try
        {
            switch (_instance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }

            if (_extras?.Scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            // The boundary of grain code: the activation ends all the same.
            GrainEngine.Log.DeactivationFailed(Class.Engine.Logger, exception, GrainId);
        }

        _instance = null;
    }
}
