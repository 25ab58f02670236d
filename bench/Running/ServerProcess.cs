using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LlmObserve.Bench.Running;

/// <summary>The real server as a process of its own, on a free port and on a database that the benchmark made.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(45);

    private const string GreetingsEnd = "  Ctrl-C stops.";

    // What a failed start shows.
    private const int KeptLines = 40;

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Queue<string> _output = new();
    private Action<string>? _wrote;

    private ServerProcess(Process process, TimeProvider time) => (_process, _time) = (process, time);

    /// <summary>Where its API listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public int ProcessId => _process.Id;

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">Of its data directory.</param>
    /// <param name="connectionString">Its database.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="environment">More variables of its environment.</param>
    /// <param name="program">Other than the server built with this program.</param>
    /// <param name="roles">Other than all of them.</param>
    public static async Task<ServerProcess> StartAsync(
        BenchRun run, string name, string connectionString, CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null, string? program = null, string? roles = null)
    {
        var start = Programs.Command(
            "dotnet",
            [
                program ?? Repository.Server, "--urls", "http://127.0.0.1:0", "--web-urls", "http://127.0.0.1:0", "--data", run.DirectoryFor(name),
                .. roles is null ? Array.Empty<string>() : ["--roles", roles],
            ]);
        start.Environment["ConnectionStrings__LlmObserve"] = connectionString;
        // Everybody signs up from this machine.
        start.Environment["LLMOBSERVE_SIGNUPS_PER_IP_HOUR"] = "100000";
        // One caller from one address asks as much as the server answers: counted as always, and never refused.
        foreach (var limit in (string[])["PER_KEY", "PER_ACCOUNT", "PER_IP"])
        {
            start.Environment[$"LLMOBSERVE_RATE_LIMIT_{limit}"] = "1000000";
        }

        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        var server = new ServerProcess(Process.Start(start)!, run.Time);
        try
        {
            await server.WaitUntilServingAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Memory that is really in use, in megabytes.</summary>
    public double ResidentMb()
    {
        _process.Refresh();
        return _process.WorkingSet64 / (double)(1 << 20);
    }

    /// <summary>What it has used of the processors since its start.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Waits until it writes a line that begins with <paramref name="done"/>; one that begins with <paramref name="failed"/> throws.</summary>
    /// <returns>That line.</returns>
    public async Task<string> WaitForAsync(string done, string failed, TimeSpan patience, CancellationToken cancellationToken)
    {
        var said = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wrote += Look;
        // It may have been written before we looked.
        Array.ForEach(Output().Split('\n'), Look);
        var exited = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(said.Task, exited).WaitAsync(patience, _time, cancellationToken) == exited)
        {
            throw new InvalidOperationException($"The server ended. It says:\n{Output()}");
        }

        return await said.Task;

        void Look(string line)
        {
            if (line.StartsWith(done, StringComparison.Ordinal))
            {
                said.TrySetResult(line);
            }
            else if (line.StartsWith(failed, StringComparison.Ordinal))
            {
                said.TrySetException(new InvalidOperationException(line));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // It drains and stops in order; killed only where it does not.
            using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            using var patience = new CancellationTokenSource(s_stopPatience, _time);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private async Task WaitUntilServingAsync(CancellationToken cancellationToken)
    {
        var serving = new TaskCompletionSource<Uri?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) => Note(line.Data, serving);
        _process.ErrorDataReceived += (_, line) => Note(line.Data, serving);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var exited = _process.WaitForExitAsync(cancellationToken);
        var late = Task.Delay(s_startPatience, _time, cancellationToken);
        if (await Task.WhenAny(serving.Task, exited, late) != serving.Task)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException($"The server did not start. It says:\n{Output()}");
        }

        Address = await serving.Task ?? Address;
    }

    private void Note(string? line, TaskCompletionSource<Uri?> serving)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > KeptLines)
            {
                _output.Dequeue();
            }
        }

        _wrote?.Invoke(line);
        if (ApiLine().Match(line) is { Success: true } api)
        {
            serving.TrySetResult(new Uri(api.Groups["url"].Value));
        }
        else if (line == GreetingsEnd)
        {
            // It has no API.
            serving.TrySetResult(null);
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output);
        }
    }

    // "  API        http://127.0.0.1:41235"
    [GeneratedRegex(@"^\s*API\s+(?<url>http://\S+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ApiLine();
}
