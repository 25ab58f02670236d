using LlmObserve.Grains;
using LlmObserve.LocalOrleans;
using LlmObserve.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;

namespace LlmObserve.Bench.Running;

/// <summary>The grains on the Local engine in this process, as the server composes them, without its API.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public GrainHost(NpgsqlDataSource db, TimeProvider time)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(time);
        services.AddSingleton(db);
        services.AddStorage();
        services.AddGrains();
        services.AddLocalOrleans(options => options.GrainAssemblies.Add(typeof(GrainsServices).Assembly));
        _services = services.BuildServiceProvider();
    }

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
