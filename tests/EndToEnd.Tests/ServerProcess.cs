using System.Diagnostics;
using System.Text;

namespace LlmObserve.EndToEnd.Tests;

/// <summary>The server in a process of its own, started as a user starts it, on free ports.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    // The lines of the greeting that name the addresses, and its last one.
    private const string ApiLabel = "API";
    private const string DashboardLabel = "Dashboard";
    private const string LastLine = "  Ctrl-C stops.";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private Uri? _api;
    private Uri? _dashboard;

    private ServerProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>Where the API listens.</summary>
    public Uri Api => _api!;

    /// <summary>Where the dashboard listens.</summary>
    public Uri Dashboard => _dashboard!;

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>What it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts one on <paramref name="data"/> and waits until it serves.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="environment">What to add to its environment.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it printed.</exception>
    public static async Task<ServerProcess> StartAsync(string data, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = Programs.DotNet(
            Programs.Server, "--data", data, "--urls", "http://127.0.0.1:0", "--web-urls", "http://127.0.0.1:0");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start)!);
        if (await Task.WhenAny(server._ready.Task, server._reading) != server._ready.Task)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server ended before it served:\n{server.Output}");
        }

        return server;
    }

    /// <summary>As Ctrl-C at its terminal, which may reach it more than once. Its exit code.</summary>
    public async Task<int> InterruptAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>As kill -9, or the kernel's out-of-memory killer.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
    }

    /// <summary>Kills it where it still runs; its PostgreSQL goes with its data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }

            // "  API        http://127.0.0.1:41234"
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [ApiLabel, _])
            {
                _api = new Uri(words[1]);
            }
            else if (words is [DashboardLabel, _])
            {
                _dashboard = new Uri(words[1]);
            }
            else if (line == LastLine)
            {
                _ready.TrySetResult();
            }
        }
    }
}
