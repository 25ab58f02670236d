namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>Waits for what another process does.</summary>
internal static class Wait
{
    /// <summary>Far beyond what anything here takes on a busy machine: reaching it means that it will never happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Looks again and again, where nothing tells us.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain: {what()}");
            }

            await PauseAsync();
        }
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, Func{string})" />
    public static Task UntilAsync(Func<bool> condition, Func<string> what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>Awaits a task that something outside completes.</summary>
    public static async Task<T> ForAsync<T>(Task<T> task, Func<string> what)
    {
        try
        {
            return await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain: {what()}", late);
        }
    }

    /// <summary>Between two looks, and between two tries of a client.</summary>
    public static Task PauseAsync() => Task.Delay(s_pause, TimeProvider.System);
}
