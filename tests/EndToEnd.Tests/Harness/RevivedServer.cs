namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A server that ends and is started again on its data, at another address; its clients find the new one.</summary>
internal sealed class RevivedServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private ServerProcess _running = null!;
    private TaskCompletionSource<ServerProcess> _next = Next();

    /// <summary>Its data directory, always the same.</summary>
    public ServerFolder Folder { get; } = ServerFolder.Create();

    /// <summary>The latest.</summary>
    public ServerProcess Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    public static async Task<RevivedServer> StartAsync()
    {
        var server = new RevivedServer();
        server._running = await ServerProcess.StartAsync(server.Folder);
        return server;
    }

    /// <summary>Kills it and starts it again; <paramref name="first"/> meets the new one before its clients find it.</summary>
    public async Task KillAsync(Func<ServerProcess, Task> first)
    {
        await Running.KillAsync();
        await ReviveAsync(first);
    }

    /// <summary>Stops it in good order and starts it again.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await Running.StopAsync());
        await ReviveAsync(_ => Task.CompletedTask);
    }

    /// <summary>The one that runs; after a dead one, the one that follows it.</summary>
    public Task<ServerProcess> FindAsync(ServerProcess? dead)
    {
        lock (_lock)
        {
            return _running == dead ? Wait.ForAsync(_next.Task, () => $"the server to be started again. {dead.Log}") : Task.FromResult(_running);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        await Folder.DisposeAsync();
    }

    private async Task ReviveAsync(Func<ServerProcess, Task> first)
    {
        var dead = Running;
        var revived = await ServerProcess.StartAsync(Folder);
        await first(revived);
        await dead.DisposeAsync();
        TaskCompletionSource<ServerProcess> next;
        lock (_lock)
        {
            (_running, next, _next) = (revived, _next, Next());
        }

        next.SetResult(revived);
    }

    private static TaskCompletionSource<ServerProcess> Next() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
