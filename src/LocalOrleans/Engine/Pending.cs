namespace LlmObserve.LocalOrleans;

/// <summary>
/// The caller's side of a call that did not end at once: its task, its due time, its token. The first of answer, time-out,
/// cancellation and shutdown ends it; the others then do nothing.
/// </summary>
internal abstract class Pending
{
    private CancellationTokenRegistration _cancellation;

    public abstract Task Task { get; }

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
            if (Task.IsCompleted)
            {
                _cancellation.Dispose();
            }
        }
    }

    /// <summary>Ends it as the grain's own task ended; the stack of an exception stays as it is.</summary>
    public bool TryComplete(Task result) => Close(TrySetFrom(result));

    public bool TryFail(Exception exception) => Close(TrySetException([exception]));

    /// <summary>As on a cluster: the caller goes on at once, and the grain sees its own token.</summary>
    public bool TryCancel(CancellationToken token) => Close(TrySetCanceled(token));

    protected abstract bool TrySetFrom(Task result);

    protected abstract bool TrySetException(IEnumerable<Exception> exceptions);

    protected abstract bool TrySetCanceled(CancellationToken token);

    private bool Close(bool won)
    {
        if (won)
        {
            Shard?.Remove(this);
            _cancellation.Unregister();
        }

        return won;
    }
}

/// <inheritdoc cref="Pending"/>
internal sealed class Pending<T> : Pending
{
    // Asynchronously: the caller's code must not run inside the grain's turn.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Task Task => _source.Task;

    protected override bool TrySetFrom(Task result)
    {
        if (result.IsCompletedSuccessfully)
        {
            return _source.TrySetResult(typeof(T) == typeof(NoAnswer) ? default! : ((Task<T>)result).Result);
        }

        return result.IsCanceled ? _source.TrySetCanceled(TokenOf(result)) : _source.TrySetException(result.Exception!.InnerExceptions);
    }

    protected override bool TrySetException(IEnumerable<Exception> exceptions) => _source.TrySetException(exceptions);

    protected override bool TrySetCanceled(CancellationToken token) => _source.TrySetCanceled(token);

    // The token is not public on a task; the exception that awaiting it would throw carries it.
    private static CancellationToken TokenOf(Task canceled) => new TaskCanceledException(canceled).CancellationToken;
}
