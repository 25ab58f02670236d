using Microsoft.Extensions.Hosting;

namespace LlmObserve.LocalOrleans;

/// <summary>Ties the engine to its host. The engine is ready once made: starting only makes sure that it is, so that faults show early.</summary>
internal sealed class GrainEngineService(GrainEngine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync(cancellationToken);
}
