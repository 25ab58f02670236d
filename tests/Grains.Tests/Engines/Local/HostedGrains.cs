using System.Diagnostics.Metrics;
using LlmObserve.LocalOrleans;
using LlmObserve.Silo.Engines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Storage;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>Grains on the in-process engine.</summary>
internal sealed class HostedGrains : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private HostedGrains(ServiceProvider services) => _services = services;

    /// <summary>What the grains themselves are given.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Where the grains measure.</summary>
    public IEnumerable<IMeterFactory> Meters => [_services.GetRequiredService<IMeterFactory>()];

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    public static Task<HostedGrains> StartAsync(string connectionString, TimeProvider clock)
    {
        var services = new ServiceCollection();
        GrainHost.AddServices(services, connectionString);
        services.AddSingleton(clock);
        services.AddSingleton<IGrainStorage, DatabaseGrainStorage>();
        services.AddLocalOrleans(options =>
        {
            options.GrainAssemblies.Add(typeof(GrainsServices).Assembly);
            options.GrainAssemblies.Add(typeof(HostedGrains).Assembly);
        });
        return Task.FromResult(new HostedGrains(services.BuildServiceProvider()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }
}
