namespace LlmObserve.Testing;

/// <summary>Waits for a condition by being told of everything that may make it true: no looks in between, no pauses.</summary>
public sealed class Changes
{
    /// <summary>Far beyond what anything here takes on a busy machine: reaching it means that it will never happen.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something has changed.</summary>
    public void Tell() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Waits until the condition holds.</summary>
    /// <exception cref="TimeoutException">It never will; the message says what was waited for.</exception>
    public async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(what);
        while (true)
        {
            // Taken before the look, so that a change in between is not missed.
            var next = Volatile.Read(ref _next).Task;
            if (condition())
            {
                return;
            }

            try
            {
                await next.WaitAsync(s_patience, TimeProvider.System);
            }
            catch (TimeoutException never)
            {
                throw new TimeoutException($"Waited {s_patience.TotalSeconds} s in vain for {what()}", never);
            }
        }
    }
}
