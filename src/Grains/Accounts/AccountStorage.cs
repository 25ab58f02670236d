using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>What the followers of an account, its caps and customers, ask of the database.</summary>
internal sealed class AccountStorage(AccountLoads loads, LedgerStore ledger, AccountsStore accounts, CapsStore caps, AlertsStore alerts)
{
    internal AccountLoads Loads => loads;

    internal CapsStore Caps => caps;

    internal AlertsStore Alerts => alerts;

    /// <summary>The account's time zone.</summary>
    internal async Task<AccountZone> GetZoneAsync(AccountId account, CancellationToken cancellationToken)
    {
        var row = await accounts.GetAsync(account, cancellationToken) ?? throw new InvalidOperationException($"there is no account {account}");
        return AccountZone.Parse(row.TimeZone);
    }

    /// <summary>One customer's totals, in one snapshot with the ledger's head.</summary>
    internal Task<LoadedCustomer> LoadCustomerAsync(
        AccountId account,
        string customerId,
        AccountZone zone,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        ledger.LoadCustomerAsync(account, customerId, AccountLoads.Periods(zone, now), cancellationToken);
}
