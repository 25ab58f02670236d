namespace LlmObserve.Simulation.Engine;

/// <summary>
/// Runs the turns of one activation, first come first served, and only when the world says so. One that is killed runs nothing any more: it
/// stops at whatever await it had come to.
/// </summary>
internal sealed class TurnScheduler : TaskScheduler
{
    private readonly Queue<Task> _turns = new();
    private bool _killed;

    public bool HasTurns => _turns.Count > 0;

    public void RunTurn()
    {
        // A context of whoever runs the world, as test runners have one, would take the turns elsewhere.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            TryExecuteTask(_turns.Dequeue());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Kill()
    {
        _killed = true;
        _turns.Clear();
    }

    public Task<T> Start<T>(Func<Task<T>> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    public Task Start(Func<Task> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    protected override void QueueTask(Task task)
    {
        if (!_killed)
        {
            _turns.Enqueue(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _turns;
}
