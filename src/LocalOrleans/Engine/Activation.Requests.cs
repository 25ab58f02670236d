using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

// Requests: which may start, and which wait. The counters belong to whoever holds the turn; the queues to the lock.
internal sealed partial class Activation
{
    /// <summary>
    /// The most requests that wait for one grain. One more is refused, since callers that far behind time out anyhow and their
    /// requests would fill the memory; the API sheds load long before.
    /// </summary>
    internal const int MaxWaiting = 100_000;

    private CallQueue _waiting;

    // Requests that wait only for the activation to be set up, and then start past those that wait for their turn.
    private CallQueue _interleaving;

    private int _running;
    private int _blocking;
    private int _blockingWriters;

    /// <summary>
    /// Starts the call on this thread where the grain is free for it, or queues it. False where the activation is gone: look it up anew.
    /// </summary>
    public bool TryAccept(Call call, bool mayRunHere)
    {
        call.Target = this;
        if (_turnTaken || _state != Stage.Active)
        {
            // It will most likely wait: make what that takes outside of the lock.
            call.Prepare(Class.Engine);
        }

        bool runHere;
        bool runOnPool = false;
        lock (_lock)
        {
            if (_state == Stage.Dead || (call.IsLocal && _state >= Stage.Deactivating))
            {
                return false;
            }

            runHere = mayRunHere && !_turnTaken && _state == Stage.Active && t_depth < MaxInlineDepth && MayStart(call);
            if (runHere)
            {
                _turnTaken = true;
                Start(call);
            }
            else
            {
                call.Prepare(Class.Engine);
                if (_waiting.Count + _interleaving.Count >= MaxWaiting)
                {
                    call.Refuse(Class.Engine, new LimitExceededException($"{MaxWaiting} requests wait for {GrainId}."));
                    return true;
                }

                (Interleaves(call) ? ref _interleaving : ref _waiting).Enqueue(call);
                runOnPool = TakeTurnForWork();
            }
        }

        if (runHere)
        {
            RunOnCaller(call);
        }
        else if (runOnPool)
        {
            QueueToPool();
        }

        return true;
    }

    /// <summary>Whether the call may run beside any other.</summary>
    public bool Interleaves(Call call) => call.Method.AlwaysInterleave || Class.Reentrant;

    /// <summary>Called in the turn in which a request ends.</summary>
    public void EndRequest(Call call)
    {
        _running--;
        if (!Interleaves(call))
        {
            _blocking--;
            if (!call.Method.ReadOnly)
            {
                _blockingWriters--;
            }
        }

        Touch(call);
    }

    private bool MayStart(Call call) =>
        Interleaves(call) || (_waiting.Count == 0 && MayStartNext(call));

    private bool MayStartNext(Call call) => _blocking == 0 || (_blockingWriters == 0 && call.Method.ReadOnly);

    private void Start(Call call)
    {
        _running++;
        if (!Interleaves(call))
        {
            _blocking++;
            if (!call.Method.ReadOnly)
            {
                _blockingWriters++;
            }
        }

        Touch(call);
    }

    // The first request that may start now. Abandoned ones are dropped: nobody waits for them, and the grain has not seen them.
    private Call? NextRequest()
    {
        while (_interleaving.First is not null)
        {
            var call = _interleaving.Dequeue();
            if (!call.IsAbandoned)
            {
                Start(call);
                return call;
            }
        }

        while (_waiting.First is { } call)
        {
            if (call.IsAbandoned)
            {
                _waiting.Dequeue();
                continue;
            }

            if (!MayStartNext(call))
            {
                return null;
            }

            Start(_waiting.Dequeue());
            return call;
        }

        return null;
    }

    private bool HasRequest() => _interleaving.First is not null || (_waiting.First is { } call && (call.IsAbandoned || MayStartNext(call)));
}
