using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace LlmObserve.LocalOrleans;

/// <summary>Composition of the in-process engine.</summary>
public static class LocalOrleansServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine: <see cref="IGrainFactory"/>, <see cref="IClusterClient"/>, and a hosted service that stops it gracefully.
    /// Add it before whatever serves requests, so that it stops after that. Time is the registered <see cref="TimeProvider"/>.
    /// </summary>
    /// <returns>The builder that call filters are added to.</returns>
    public static ISiloBuilder AddLocalOrleans(this IServiceCollection services, Action<LocalOrleansOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddOptions<LocalOrleansOptions>().Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GrainEngine>();
        services.TryAddSingleton<IClusterClient>(static provider => provider.GetRequiredService<GrainEngine>());
        services.TryAddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<GrainEngine>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GrainEngineService>());
        return new SiloBuilder(services);
    }

    private sealed record SiloBuilder(IServiceCollection Services) : ISiloBuilder;
}
