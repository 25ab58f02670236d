using System.Diagnostics.Metrics;
using LlmObserve.Silo.Engines;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>
/// Grains on a cluster of two silos in this process, each with services of its own, as the program composes them. Calls come from a client,
/// so that every message crosses a wire. Only who is in the cluster and where activations are is kept in memory.
/// </summary>
internal sealed class HostedGrains : IAsyncDisposable
{
    private const short Silos = 2;

    /// <summary>The program asks again after three seconds; a test asks once, however busy its machine is.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    private readonly InProcessTestCluster _cluster;
    private readonly string _connectionString;

    private HostedGrains(InProcessTestCluster cluster, string connectionString) => (_cluster, _connectionString) = (cluster, connectionString);

    /// <summary>What the grains of one of the silos are given.</summary>
    public IServiceProvider Services => _cluster.Silos[0].SiloHost.Services;

    /// <summary>Where the grains measure: an account may be on either silo.</summary>
    public IEnumerable<IMeterFactory> Meters => _cluster.Silos.Select(silo => silo.SiloHost.Services.GetRequiredService<IMeterFactory>());

    public IGrainFactory Grains => _cluster.Client;

    public IEnumerable<SiloAddress> Addresses => _cluster.Silos.Select(silo => silo.SiloAddress);

    public static async Task<HostedGrains> StartAsync(string connectionString, TimeProvider clock)
    {
        var builder = new InProcessTestClusterBuilder(Silos);
        builder.Options.ServiceId = GrainHosting.Name;
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSiloHost((_, host) =>
        {
            GrainHost.AddServices(host.Services, connectionString);
            host.Services.AddSingleton(clock);
            // Grains and their timers have the test's clock. On one that stands still a silo would not join; one that leaps would run hours of its probes.
            host.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        });
        builder.ConfigureSilo((_, silo) => GrainHosting.Configure(silo, connectionString));
        builder.ConfigureClient(client =>
        {
            GrainHosting.Configure(client);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = LongerThanAnyAnswer);
        });
        var hosted = new HostedGrains(new InProcessTestCluster(builder.Options, new PortNumbers()), connectionString);
        try
        {
            await hosted._cluster.DeployAsync();
            return hosted;
        }
        catch
        {
            await hosted.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();

        // The silos' own storage leaves its connections to a pool that outlives them: every test has a database, and the server so many connections.
        await using var connection = new NpgsqlConnection(_connectionString);
        NpgsqlConnection.ClearPool(connection);
    }
}
