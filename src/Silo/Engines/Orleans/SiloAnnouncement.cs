using Orleans.Runtime;

namespace LlmObserve.Silo.Engines;

/// <summary>Says when a silo has joined its cluster, and where others find it.</summary>
internal sealed partial class SiloAnnouncement(ILocalSiloDetails silo, ILogger<SiloAnnouncement> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogJoined(log, silo.SiloAddress.Endpoint, silo.GatewayAddress.Endpoint.Port);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Joined the cluster: grains run at {Silo}, processes without grains call port {Gateway}")]
    private static partial void LogJoined(ILogger logger, System.Net.IPEndPoint silo, int gateway);
}
