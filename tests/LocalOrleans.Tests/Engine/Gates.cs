using System.Collections.Concurrent;
using System.Threading.Channels;

namespace LlmObserve.LocalOrleans.Tests;

/// <summary>A place where grain code waits until the test lets it go on.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

    /// <summary>Waits here.</summary>
    public Task PassAsync()
    {
        _arrived.Writer.TryWrite(true);
        return _open.Task;
    }

    /// <summary>Completes for each that has come here, once.</summary>
    public Task ArrivalAsync() => _arrived.Reader.ReadAsync().AsTask().Soon();

    public void Open() => _open.TrySetResult();
}

/// <summary>Gates by name.</summary>
public sealed class Gates
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    public Gate this[string name] => _gates.GetOrAdd(name, static _ => new Gate());

    public void OpenAll()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Open();
        }
    }
}

/// <summary>What grains report, in order.</summary>
public sealed class Journal
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyList<string> Entries => [.. _entries];

    public void Add(string entry) => _entries.Enqueue(entry);
}

internal static class Waiting
{
    // A test that waits for what never comes fails after this long instead of hanging; no test passes or fails by it otherwise.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    public static Task Soon(this Task task) => task.WaitAsync(Hang, TimeProvider.System);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Hang, TimeProvider.System);
}
