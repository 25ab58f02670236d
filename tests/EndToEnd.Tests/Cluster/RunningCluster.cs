using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Cluster;

/// <summary>Two silos and two processes that answer HTTP, on one PostgreSQL, each with a data directory of its own.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private readonly List<ServerFolder> _folders = [];
    private readonly OwnedPostgres _postgres;

    private RunningCluster(OwnedPostgres postgres) => _postgres = postgres;

    public string ConnectionString => _postgres.ConnectionString;

    /// <summary>The processes with grains.</summary>
    public ServerProcess[] Silos { get; } = new ServerProcess[2];

    /// <summary>The processes that answer HTTP.</summary>
    public ServerProcess[] Apis { get; } = new ServerProcess[2];

    /// <summary>What every process wrote, for the message of a failed test.</summary>
    public string Log => string.Join("\n\n", Silos.Concat(Apis).Select(process => process.Log));

    public static async Task<RunningCluster> StartAsync()
    {
        var cluster = new RunningCluster(await OwnedPostgres.StartAsync());
        try
        {
            // All at once, as a compose file does: who comes first makes the tables, and HTTP waits for a silo.
            ServerProcess[] apis = [cluster.Launch("api"), cluster.Launch("api")];
            ServerProcess[] silos = [cluster.Launch("silo"), cluster.Launch("silo")];
            for (var i = 0; i < 2; i++)
            {
                cluster.Silos[i] = await silos[i].ReadyAsync();
                cluster.Apis[i] = await apis[i].ReadyAsync();
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo in the place of one that has ended.</summary>
    public async Task RestartSiloAsync(int number) => Silos[number] = await Launch("silo").ReadyAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Apis.Concat(Silos).Where(process => process is not null))
        {
            await process.DisposeAsync();
        }

        foreach (var folder in _folders)
        {
            await folder.DisposeAsync();
        }

        await _postgres.DisposeAsync();
    }

    private ServerProcess Launch(string roles)
    {
        var folder = ServerFolder.Create();
        _folders.Add(folder);
        return ServerProcess.Launch(folder, new ServerSettings(ConnectionString, Roles: roles));
    }
}
