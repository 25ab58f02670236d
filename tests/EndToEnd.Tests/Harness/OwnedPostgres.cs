using LlmObserve.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A PostgreSQL that the test owns, for servers that are given a connection string; the test breaks it as it likes.</summary>
internal sealed class OwnedPostgres : IAsyncDisposable
{
    private readonly ServerFolder _folder;
    private PrivatePostgres _server;

    private OwnedPostgres(ServerFolder folder, PrivatePostgres server)
    {
        _folder = folder;
        _server = server;
    }

    /// <summary>What goes into <c>ConnectionStrings__LlmObserve</c>.</summary>
    public string ConnectionString => _server.ConnectionString;

    public static async Task<OwnedPostgres> StartAsync()
    {
        var folder = ServerFolder.Create();
        return new OwnedPostgres(folder, await StartAsync(folder));
    }

    /// <summary>As a crash of its machine would: what runs is cut off, nothing is finished (<c>pg_ctl stop -m immediate</c>).</summary>
    public async Task CrashAsync()
    {
        var process = _server.ProcessId;
        Signals.Send("QUIT", process);
        await Wait.UntilAsync(() => !Signals.IsAlive(process), () => $"PostgreSQL {process} to end");
        await _server.DisposeAsync();
    }

    /// <summary>Starts it again after a crash, under the same address.</summary>
    public async Task RestartAsync() => _server = await StartAsync(_folder);

    /// <summary>Stops every process of it where it stands: connections stay open and nothing answers.</summary>
    public void Freeze() => Signals.Send("STOP", [_server.ProcessId, .. Children()]);

    /// <summary>Lets a frozen one go on.</summary>
    public void Thaw() => Signals.Send("CONT", [.. Children(), _server.ProcessId]);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static Task<PrivatePostgres> StartAsync(ServerFolder folder) =>
        PrivatePostgres.StartAsync(folder.Data, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private IEnumerable<int> Children() =>
        File.ReadAllText($"/proc/{_server.ProcessId}/task/{_server.ProcessId}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
}
