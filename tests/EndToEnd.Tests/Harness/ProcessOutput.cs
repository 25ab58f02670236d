namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>The lines that a process has printed so far, and a way to await one.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Match, TaskCompletionSource<string?> Found)> _waiting = [];
    private bool _ended;

    /// <summary>Everything so far.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The first line that matches, printed already or to come; null where the process ends without it.</summary>
    public Task<string?> FirstAsync(Func<string, bool> match)
    {
        lock (_lock)
        {
            if (_lines.Find(line => match(line)) is { } line || _ended)
            {
                return Task.FromResult(_lines.Find(line => match(line)));
            }

            var found = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((match, found));
            return found.Task;
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            foreach (var waiting in _waiting.FindAll(waiting => waiting.Match(line)))
            {
                waiting.Found.TrySetResult(line);
            }
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            _waiting.ForEach(waiting => waiting.Found.TrySetResult(null));
        }
    }
}
