using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LlmObserve.Bench.Running;

/// <summary>A Redis of its own on a free port, with an append-only file. Ends with us.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private const string Ready = "Ready to accept connections";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private RedisServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>What it has used of the processors since its start.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>"7.0.15"; null where it is not installed.</summary>
    public static string? FindVersion()
    {
        try
        {
            using var redis = Process.Start(Programs.Command(Program, "--version"))!;

            // "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0"
            return redis.StandardOutput.ReadToEnd().Split(' ').First(static word => word.StartsWith("v=", StringComparison.Ordinal))[2..];
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public static async Task<RedisServer> StartAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var directory = run.DirectoryFor("redis");
        Directory.Delete(directory, recursive: true);
        var port = FreePort();

        // No snapshots and no rewriting of the file: neither is what is measured.
        var process = Process.Start(Programs.Command(
            Program,
            [
                "--bind", "127.0.0.1", "--port", $"{port}", "--dir", run.DirectoryFor("redis"),
                "--save", "", "--appendonly", "yes", "--auto-aof-rewrite-percentage", "0",
            ]))!;
        var server = new RedisServer(process, port);
        try
        {
            var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data?.Contains(Ready, StringComparison.Ordinal) == true)
                {
                    ready.TrySetResult();
                }
            };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await ready.Task.WaitAsync(s_patience, run.Time, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What it has kept is of no use to anybody.
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
