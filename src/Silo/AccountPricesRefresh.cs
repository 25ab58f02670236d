using LlmObserve.Storage.Prices;

namespace LlmObserve.Silo;

/// <summary>Takes over prices of accounts that other processes change.</summary>
internal sealed class AccountPricesRefresh(AccountPriceLists lists) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => lists.RefreshUntilCancelledAsync(stoppingToken);
}
