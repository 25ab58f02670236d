using LlmObserve.Api;
using LlmObserve.Silo.Engines;
using LlmObserve.Silo.Telemetry;
using LlmObserve.Storage.Postgres;
using LlmObserve.Storage.SharedKeys;
using Npgsql;

namespace LlmObserve.Silo;

/// <summary>
/// The whole product in one process: database, grains, API and dashboard. The last two are applications of their own, each on its
/// own address, since their paths overlap. Stopping goes the other way round: nothing new is accepted, what runs is finished,
/// grains are deactivated, the database stops.
/// </summary>
public sealed class Server : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _running = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Server(DataDirectory data) => Data = data;

    /// <summary>The data directory in use.</summary>
    public DataDirectory Data { get; }

    /// <summary>Whether anybody had signed up when it started.</summary>
    public bool HasUsers { get; private set; }

    /// <summary>Whether people sign up here, by e-mail and password, and not by Clerk.</summary>
    public bool TakesPasswords { get; private set; }

    /// <summary>Where the API really listens.</summary>
    public IReadOnlyList<Uri> ApiAddresses { get; private set; } = [];

    /// <summary>Where the dashboard really listens.</summary>
    public IReadOnlyList<Uri> WebAddresses { get; private set; } = [];

    /// <summary>Starts everything; when this returns, requests are served.</summary>
    /// <exception cref="StartFailedException">Something it needs cannot be had.</exception>
    /// <exception cref="PrivatePostgresException">The database cannot be had.</exception>
    public static async Task<Server> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        GrainHosting.Require(options.Roles);
        var apiUrl = options.Roles.HasFlag(ServerRoles.Web) && !options.Roles.HasFlag(ServerRoles.Api) ? ApiUrl(options) : null;
        var server = new Server(DataDirectory.Open(options.Data));
        try
        {
            await server.StartPartsAsync(options, apiUrl, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task StartPartsAsync(ServerOptions options, Uri? apiUrl, CancellationToken cancellationToken)
    {
        var api = options.Roles.HasFlag(ServerRoles.Api) ? new Listener(options.Urls, "--urls") : null;
        var web = options.Roles.HasFlag(ServerRoles.Web) ? new Listener(options.WebUrls, "--web-urls") : null;
        IConfiguration configuration = (api ?? web)?.Builder.Configuration ?? new ConfigurationManager();
        var environment = ServerEnvironment.Read(configuration, options, Data.Mail);
        TakesPasswords = environment.Clerk is null;
        var logging = LoggerFactory.Create(builder => Listener.ConfigureLogging(builder, configuration));
        _running.Push(new Part(() =>
        {
            logging.Dispose();
            return ValueTask.CompletedTask;
        }));
        if (TelemetryExport.Start(environment.Collector, logging) is { } telemetry)
        {
            foreach (var listener in new[] { api, web })
            {
                if (listener is not null)
                {
                    telemetry.AddTo(listener.Builder.Services);
                }
            }

            _running.Push(new Part(() =>
            {
                telemetry.Dispose();
                return ValueTask.CompletedTask;
            }));
        }

        // A dashboard alone, with no cluster to share keys with, needs no database.
        SharedKeysStore? keys = null;
        ApiServer? engine = null;
        if (options.Roles != ServerRoles.Web || GrainHosting.IsCluster)
        {
            var (database, connectionString) = await OpenDatabaseAsync(options.Roles, logging, cancellationToken);
            keys = GrainHosting.IsCluster ? new SharedKeysStore(database) : null;
            if (options.Roles != ServerRoles.Web)
            {
                engine = new ApiServer(options, environment, database, connectionString, await Data.SigningKeyAsync(keys, cancellationToken));
                await StartEngineAsync(engine, api, cancellationToken);
            }
        }

        if (web is not null)
        {
            WebAddresses = await StartAsync(web, WebServer.Build(web.Builder, apiUrl ?? ApiAddresses[0], Data, keys, environment.Edge.Proxies), cancellationToken);
            engine?.PublicAddress.Listens(WebAddresses[0]);
        }
    }

    private static Uri ApiUrl(ServerOptions options) => Uri.TryCreate(options.ApiUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new StartFailedException("A dashboard without the api role in its process needs --api-url, the http address of an API.");

    private async Task<(NpgsqlDataSource Database, string ConnectionString)> OpenDatabaseAsync(
        ServerRoles roles, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        var connectionString = Database.Configured;
        if (connectionString is null)
        {
            if (!roles.HasFlag(ServerRoles.Silo))
            {
                throw new StartFailedException($"A process without the silo role shares its cluster's database: name it in {Database.Variable}.");
            }

            var postgres = await PrivatePostgres.StartAsync(
                Data.Path, TimeProvider.System, logging.CreateLogger<PrivatePostgres>(), cancellationToken);
            _running.Push(postgres);
            connectionString = postgres.ConnectionString;
        }

        var database = Database.Open(connectionString);
        _running.Push(database);
        await Database.PrepareAsync(database, logging, cancellationToken);
        HasUsers = await Database.HasUsersAsync(database, cancellationToken);
        return (database, connectionString);
    }

    private async Task StartEngineAsync(ApiServer engine, Listener? api, CancellationToken cancellationToken)
    {
        if (api is not null)
        {
            engine.Add(api.Builder);
            var app = api.Builder.Build();
            await engine.PrepareAsync(app.Services, cancellationToken);
            app.MapApi();
            ApiAddresses = await StartAsync(api, app, cancellationToken);
        }
        else
        {
            var builder = Listener.WithoutAddress();
            engine.Add(builder);
            var host = builder.Build();
            await engine.PrepareAsync(host.Services, cancellationToken);
            await StartAsync(host, cancellationToken);
        }
    }

    private async Task StartAsync(IHost host, CancellationToken cancellationToken)
    {
        await StartAsync(host, () => host.StartAsync(cancellationToken));
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _failed.TrySetResult());
    }

    private async Task<IReadOnlyList<Uri>> StartAsync(Listener listener, WebApplication app, CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> addresses = [];
        await StartAsync(app, async () => addresses = await listener.StartAsync(app, cancellationToken));
        // Nobody else stops an application: when it stops by itself, one of its services has failed.
        app.Lifetime.ApplicationStopping.Register(() => _failed.TrySetResult());
        return addresses;
    }

    /// <summary>A silo that could not join refuses to be stopped; it can only be let go.</summary>
    private async Task StartAsync(IHost host, Func<Task> start)
    {
        var stoppable = true;
        _running.Push(new Part(async () =>
        {
            if (stoppable)
            {
                await host.StopAsync();
            }

            await ((IAsyncDisposable)host).DisposeAsync();
        }));
        try
        {
            await start();
        }
        catch (Exception failed) when (GrainHosting.Explain(failed) is { } sentence)
        {
            stoppable = false;
            throw new StartFailedException(sentence, failed);
        }
    }

    /// <summary>Waits until <paramref name="stop"/> asks for the end (true), or a part has failed (false).</summary>
    public async Task<bool> WaitAsync(CancellationToken stop)
    {
        var asked = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return await Task.WhenAny(asked, _failed.Task) == asked;
    }

    /// <summary>Stops everything, last started first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private sealed class Part(Func<ValueTask> stop) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => stop();
    }
}
