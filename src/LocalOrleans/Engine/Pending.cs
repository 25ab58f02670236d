namespace LlmObserve.LocalOrleans;

/// <summary>
/// The caller's side of a call that did not end at once: its task, its due time, its token. The first of answer, time-out,
/// cancellation and shutdown ends it; the others then do nothing.
/// </summary>
internal abstract class Pending
{
    private CancellationTokenRegistration _cancellation;
    private int _closed;

    public abstract Task Task { get; }

    /// <summary>Whether something has ended it.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    public Call Call { get; private set; } = null!;

    /// <summary>When the call times out, in ticks of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>The list that this is in, and its place there; owned by <see cref="OutstandingCalls"/>.</summary>
    public OutstandingCalls.Shard? Shard { get; set; }

    public Pending? Previous { get; set; }

    public Pending? Following { get; set; }

    public void Open(OutstandingCalls outstanding, Call call)
    {
        Call = call;
        outstanding.Add(this);
        if (call.Method.TakesToken && call.Token is { CanBeCanceled: true } token)
        {
            _cancellation = token.UnsafeRegister(static (state, token) => ((Pending)state!).TryCancel(token), this);
            if (IsClosed)
            {
                _cancellation.Dispose();
            }
        }
    }

    /// <summary>Ends it as the grain's own task ended; the stack of an exception stays as it is.</summary>
    public bool TryComplete(Task result)
    {
        if (!TryClose())
        {
            return false;
        }

        SetFrom(result);
        return true;
    }

    public bool TryFail(Exception exception)
    {
        if (!TryClose())
        {
            return false;
        }

        SetException([exception]);
        return true;
    }

    /// <summary>As on a cluster: the caller goes on at once, and the grain sees its own token.</summary>
    public bool TryCancel(CancellationToken token)
    {
        if (!TryClose())
        {
            return false;
        }

        SetCanceled(token);
        return true;
    }

    protected abstract void SetFrom(Task result);

    protected abstract void SetException(IEnumerable<Exception> exceptions);

    protected abstract void SetCanceled(CancellationToken token);

    // Out of the list before its caller goes on.
    private bool TryClose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return false;
        }

        Shard?.Remove(this);
        _cancellation.Unregister();
        return true;
    }
}

/// <inheritdoc cref="Pending"/>
internal sealed class Pending<T> : Pending
{
    // Asynchronously: the caller's code must not run inside the grain's turn.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Task Task => _source.Task;

    protected override void SetFrom(Task result)
    {
        if (result.IsCompletedSuccessfully)
        {
            _source.SetResult(typeof(T) == typeof(NoAnswer) ? default! : ((Task<T>)result).Result);
        }
        else if (result.IsCanceled)
        {
            SetCanceled(TokenOf(result));
        }
        else
        {
            SetException(result.Exception!.InnerExceptions);
        }
    }

    protected override void SetException(IEnumerable<Exception> exceptions) => _source.SetException(exceptions);

    protected override void SetCanceled(CancellationToken token) => _source.SetCanceled(token);

    // The token is not public on a task; the exception that awaiting it would throw carries it.
    private static CancellationToken TokenOf(Task canceled) => new TaskCanceledException(canceled).CancellationToken;
}
