using LlmObserve.Silo.Engines;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
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

    private readonly InProcessTestCluster _cluster;

    private HostedGrains(InProcessTestCluster cluster) => _cluster = cluster;

    /// <summary>What the grains of one of the silos are given.</summary>
    public IServiceProvider Services => _cluster.Silos[0].SiloHost.Services;

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
            host.Services.AddSingleton<TimeProvider>(new DateOfTheTest(clock));
        });
        builder.ConfigureSilo((_, silo) => GrainHosting.Configure(silo, connectionString));
        builder.ConfigureClient(GrainHosting.Configure);
        var hosted = new HostedGrains(new InProcessTestCluster(builder.Options, new PortNumbers()));
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
    }
}
