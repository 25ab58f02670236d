using LlmObserve.Storage.Prices;

namespace LlmObserve.Silo;

/// <summary>Takes over price books that other processes import.</summary>
internal sealed class PriceBookRefresh(PriceBooks books) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => books.RefreshUntilCancelledAsync(stoppingToken);
}
