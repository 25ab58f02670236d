using System.Diagnostics.CodeAnalysis;

namespace LlmObserve.LocalOrleans;

// Turns: pieces of the grain's code, each in a task of this scheduler, never two at once. Whoever sets _turnTaken runs turns, on the
// caller's thread or on the pool, until it gives the flag back.
internal sealed partial class Activation
{
    // How deep calls may run inside the calling turn before they go through the pool: stacks are finite, and a caller waits for what
    // it runs itself.
    private const int MaxInlineDepth = 16;

    // Turns that a pool thread runs before it queues behind other work, so that one busy grain cannot keep a thread.
    private const int TurnsPerVisit = 64;

    [ThreadStatic]
    private static Activation? t_current;

    [ThreadStatic]
    private static int t_depth;

    private Queue<Task>? _turns;
    private volatile bool _turnTaken;

    /// <summary>The activation whose turn this thread runs.</summary>
    public static new Activation? Current => t_current;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs turns on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var outer = Enter();
        for (var turns = 0; turns < TurnsPerVisit; turns++)
        {
            if (!TryNextTurn(out var turn))
            {
                Leave(outer);
                return;
            }

            RunTurn(turn);
        }

        Leave(outer);
        QueueToPool();
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            (_turns ??= new Queue<Task>()).Enqueue(task);
            if (_turnTaken)
            {
                return;
            }

            _turnTaken = true;
        }

        QueueToPool();
    }

    // Inside its own turn a task runs where it stands, as under any scheduler. On a thread that runs no turn, a continuation runs at
    // once where the grain is idle: that spares the way through the pool. Inside another grain's turn it never does.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
    {
        if (ReferenceEquals(t_current, this))
        {
            return TryExecuteTask(task);
        }

        if (taskWasPreviouslyQueued || t_current is not null)
        {
            return false;
        }

        lock (_lock)
        {
            if (_turnTaken)
            {
                return false;
            }

            _turnTaken = true;
        }

        var outer = Enter();
        TryExecuteTask(task);
        Leave(outer);
        AfterTurn();
        return true;
    }

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return _turns?.ToArray() ?? [];
        }
    }

    private Outer Enter()
    {
        var outer = new Outer(t_current, SynchronizationContext.Current);
        if (outer.Context is not null)
        {
            // Else the grain's awaits would go back to the caller's context instead of to this scheduler.
            SynchronizationContext.SetSynchronizationContext(null);
        }

        t_current = this;
        t_depth++;
        return outer;
    }

    private static void Leave(in Outer outer)
    {
        t_depth--;
        t_current = outer.Activation;
        if (outer.Context is not null)
        {
            SynchronizationContext.SetSynchronizationContext(outer.Context);
        }
    }

    private void RunTurn(Task turn)
    {
        if (turn.Status == TaskStatus.Created)
        {
            // The first turn of a request; it has no scheduler yet.
            turn.RunSynchronously(this);
        }
        else
        {
            TryExecuteTask(turn);
        }
    }

    private void RunOnCaller(Call call)
    {
        var outer = Enter();
        call.Turn.RunSynchronously(this);
        Leave(outer);
        AfterTurn();
    }

    // The thread that ran one turn gives the flag back, or hands it to the pool where more is to do: it has a caller to return to.
    private void AfterTurn()
    {
        lock (_lock)
        {
            if (!HasWork())
            {
                ReleaseTurn();
                return;
            }
        }

        QueueToPool();
    }

    // The next thing to run; where there is none, gives the flag back.
    private bool TryNextTurn([NotNullWhen(true)] out Task? turn)
    {
        lock (_lock)
        {
            if (_turns is { Count: > 0 })
            {
                turn = _turns.Dequeue();
                return true;
            }

            if (TryNextStep(out turn))
            {
                return true;
            }

            ReleaseTurn();
            return false;
        }
    }

    // Behind what the pool has to do already: a thread's own queue is last in, first out, and a busy grain and its callers could then
    // keep each other going there while all else waits.
    private void QueueToPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void ReleaseTurn()
    {
        _turnTaken = false;
        if (_extras?.Quiet is { } quiet && IsQuiet())
        {
            quiet.TrySetResult();
        }
    }

    // Takes the flag where it is free and there is work; the caller then queues this to the pool. Under the lock.
    private bool TakeTurnForWork()
    {
        if (_turnTaken || !HasWork())
        {
            return false;
        }

        _turnTaken = true;
        return true;
    }

    private readonly record struct Outer(Activation? Activation, SynchronizationContext? Context);
}
