using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// One request to a grain or observer: its arguments (fields of a generated subclass), where it comes from and where it goes.
/// A call that finds its grain idle and ends at once costs this object and the <see cref="Task"/> it runs in, and nothing more.
/// </summary>
internal abstract class Call(GrainMethod method)
{
    // Cached: a lambda per call would be an allocation per call.
    private static readonly Action<object?> s_begin = static call => ((Call)call!).Begin();

    private Task? _turn;
    private Task? _result;

    public GrainMethod Method { get; } = method;

    /// <summary>The next call in the queue that this one waits in.</summary>
    public Call? Next { get; set; }

    /// <summary>The activation that was given the call.</summary>
    public Activation? Target { get; set; }

    /// <summary>The activation whose turn made the call; null where the caller is no grain.</summary>
    public Activation? Source { get; set; }

    /// <summary>The caller's side, where the call did not end at once.</summary>
    public Pending? Pending { get; private set; }

    /// <summary>Whether the call belongs to one activation and is dropped, not passed on, when that ends: a timer's tick.</summary>
    public virtual bool IsLocal => false;

    /// <summary>Whether starting or ending this call counts as use of its grain.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>The token among the arguments.</summary>
    public virtual CancellationToken Token => default;

    /// <summary>Whether nobody waits for the answer any more: the time-out or the caller's token has ended the call for its caller.</summary>
    public bool IsAbandoned => Pending is { IsClosed: true };

    /// <summary>What the caller gets.</summary>
    public Task Outcome => Method.OneWay ? Task.CompletedTask : Pending?.Task ?? _result!;

    /// <summary>
    /// The task that the first turn of the call runs in, so that <see cref="TaskScheduler.Current"/> is the activation.
    /// Made on the caller's thread, whose execution context it captures.
    /// </summary>
    public Task Turn => _turn ??= new Task(s_begin, this);

    /// <summary>Calls the method on the grain.</summary>
    public abstract Task Invoke(object target);

    /// <summary>Makes the caller's side.</summary>
    public abstract Pending CreatePending();

    /// <summary>A task of the method's type that has failed.</summary>
    public abstract Task FromException(Exception exception);

    /// <summary>The call through the filters, as a task of the method's type.</summary>
    public abstract Task InvokeThrough(CallContext context);

    /// <summary>The answer in a completed task of the method's type; null where it has none.</summary>
    public abstract object? AnswerOf(Task completed);

    /// <summary>Opens the caller's side, unless the call has none.</summary>
    public void Open(GrainEngine engine)
    {
        if (Pending is null && !Method.OneWay)
        {
            Pending = CreatePending();
            Pending.Open(engine.Outstanding, this);
        }
    }

    /// <summary>Readies the call for waiting in a queue.</summary>
    public void Prepare(GrainEngine engine)
    {
        _ = Turn;
        Open(engine);
    }

    /// <summary>Ends the call without its grain having seen it.</summary>
    public virtual void Refuse(GrainEngine engine, Exception reason)
    {
        if (Method.OneWay)
        {
            GrainEngine.Log.OneWayFailed(engine.Logger, reason, Method.Contract.Name, Method.Name);
            return;
        }

        Open(engine);
        Pending!.TryFail(reason);
    }

    /// <summary>Ends the call for its caller with the answer.</summary>
    public void Complete(GrainEngine engine, Task result)
    {
        if (Pending is { } pending && !Method.OneWay)
        {
            if (!pending.TryComplete(result) && result.IsFaulted)
            {
                GrainEngine.Log.AbandonedCallFailed(engine.Logger, result.Exception.InnerException!, Method.Contract.Name, Method.Name);
            }
        }
        else if (Method.OneWay && result.IsFaulted)
        {
            GrainEngine.Log.OneWayFailed(engine.Logger, result.Exception.InnerException!, Method.Contract.Name, Method.Name);
        }
    }

    /// <summary>Called in the turn that ends the call; for calls that are more than a request.</summary>
    protected virtual void OnEnded(Task result) => Complete(Target!.Class.Engine, result);

    private void Begin()
    {
        var activation = Target!;
        Task result;
        try
        {
            result = activation.Class.IsFiltered && !IsLocal
                ? InvokeThrough(new CallContext(this, activation))
                : Invoke(activation.GrainInstance!);
        }
        catch (Exception exception)
        {
            // The boundary of grain code: whatever it throws is the caller's.
            result = FromException(exception);
        }

        _result = result ??= FromException(new InvalidOperationException($"{Method.Contract.Name}.{Method.Name} returned null for a task."));
        if (result.IsCompleted)
        {
            End();
            return;
        }

        Open(activation.Class.Engine);
        // The activation is the current scheduler here, so the call also ends in a turn of it.
        result.GetAwaiter().UnsafeOnCompleted(End);
    }

    private void End()
    {
        var activation = Target!;
        var result = _result!;
        activation.EndRequest(this);
        if (result.IsFaulted && result.Exception.InnerException is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            // The state in memory is not the state in the store: the next call starts from the store. The grains that the exception
            // passes on its way to the caller are not meant.
            conflict.IsSourceActivation = false;
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, conflict, "Its state is out of date."));
        }

        OnEnded(result);
    }
}
