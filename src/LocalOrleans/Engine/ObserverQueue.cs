using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// One observer, and the notifications on their way to it: delivered in order, one at a time, on the pool, so that a slow observer
/// never holds up a grain. Keeps its object no more alive than a cluster would: not at all.
/// </summary>
internal sealed class ObserverQueue(GrainEngine engine, IGrainObserver observer) : CallTarget, IThreadPoolWorkItem
{
    /// <summary>The most notifications that wait for one observer; an observer that far behind has no use for more.</summary>
    internal const int MaxWaiting = 10_000;

    private static readonly GrainType ObserverType = GrainType.Create("observer");

    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private readonly Lock _lock = new();
    private CallQueue _waiting;
    private bool _delivering;
    private volatile bool _deleted;
    private long _dropped;

    public override GrainId IdOf(string key) => GrainId.Create(ObserverType, key);

    public override GrainReference CreateReference(Type contract, string key) => ProxyTypes.Of(contract).Create(this, key);

    /// <summary>Ends the delivery; what waits is dropped.</summary>
    public void Delete() => _deleted = true;

    public override Task Send(GrainReference reference, Call call)
    {
        call.Source = Activation.Current;
        call.Open(engine);
        lock (_lock)
        {
            if (_deleted || !_observer.TryGetTarget(out _))
            {
                if (!call.Method.OneWay)
                {
                    call.Refuse(engine, Gone(reference.GrainId));
                }

                return call.Outcome;
            }

            if (_waiting.Count >= MaxWaiting)
            {
                _dropped++;
                if (!call.Method.OneWay)
                {
                    call.Refuse(engine, new LimitExceededException($"{MaxWaiting} notifications wait for {reference.GrainId}."));
                }

                return call.Outcome;
            }

            _waiting.Enqueue(call);
            if (_delivering)
            {
                return call.Outcome;
            }

            _delivering = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return call.Outcome;
    }

    void IThreadPoolWorkItem.Execute() => _ = DeliverAsync();

    private static ClientNotAvailableException Gone(GrainId id) => new($"The object behind {id} is gone.");

    private async Task DeliverAsync()
    {
        while (Next() is { } call)
        {
            if (call.IsAbandoned)
            {
                continue;
            }

            if (_deleted || !_observer.TryGetTarget(out var target))
            {
                if (!call.Method.OneWay)
                {
                    call.Refuse(engine, new ClientNotAvailableException("The object behind the reference is gone."));
                }

                continue;
            }

            Task result;
            try
            {
                result = call.Invoke(target);
            }
            catch (Exception exception)
            {
                // The boundary of the observer's code: what it throws is the sender's, or logged where that is gone.
                result = call.FromException(exception);
            }

            await result.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            call.Complete(engine, result);
        }
    }

    private Call? Next()
    {
        lock (_lock)
        {
            if (_waiting.First is not null)
            {
                return _waiting.Dequeue();
            }

            _delivering = false;
            if (_dropped > 0)
            {
                GrainEngine.Log.NotificationsDropped(engine.Logger, _dropped);
                _dropped = 0;
            }

            return null;
        }
    }
}
