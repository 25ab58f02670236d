using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <inheritdoc cref="IAccountDatabase"/>
internal sealed class AccountDatabase(
    LedgerStore ledger,
    LedgerWriter writer,
    LedgerBuckets buckets,
    AccountsStore accounts,
    CapsStore caps,
    AlertsStore alerts,
    HoldsStore holds) : IAccountDatabase
{
    public Task<LedgerHead> TakeEpochAsync(AccountId account, CancellationToken cancellationToken) =>
        ledger.TakeEpochAsync(account, cancellationToken);

    public Task<AccountRow?> GetAccountAsync(AccountId account, CancellationToken cancellationToken) =>
        accounts.GetAsync(account, cancellationToken);

    public Task<LoadedAccount> LoadAccountAsync(AccountId account, CurrentPeriods periods, CancellationToken cancellationToken) =>
        ledger.LoadAccountAsync(account, periods, cancellationToken);

    public Task<IReadOnlyList<Cap>> ListCapsAsync(AccountId account, CancellationToken cancellationToken) => caps.ListAsync(account, cancellationToken);

    public Task<LoadedCapTotals> LoadCapTotalsAsync(
        AccountId account, IReadOnlyList<CapTotalQuery> queries, CancellationToken cancellationToken) =>
        ledger.LoadCapTotalsAsync(account, queries, cancellationToken);

    public Task<IReadOnlyDictionary<(CapId Cap, DateTimeOffset PeriodStart), DateTimeOffset>> ListExceededAsync(
        AccountId account, CapId? only, DateTimeOffset now, CancellationToken cancellationToken) =>
        alerts.ListExceededAsync(account, only, now, cancellationToken);

    public Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken) => writer.AppendAsync(append, cancellationToken);

    public Task<bool> InsertCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) => caps.InsertAsync(cap, epoch, audit, cancellationToken);

    public Task<bool> UpdateCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) => caps.UpdateAsync(cap, epoch, audit, cancellationToken);

    public Task<bool> DeleteCapAsync(AccountId account, CapId cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) =>
        caps.DeleteAsync(account, cap, epoch, audit, cancellationToken);

    public Task<bool> ChangeZoneAsync(
        AccountId account, long epoch, long expectedSeq, AccountZone from, AccountZone to, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken) =>
        buckets.ChangeZoneAsync(account, epoch, expectedSeq, from, to, now, audit, cancellationToken);

    public Task<bool> UpdateCheckSettingsAsync(
        AccountId account, long epoch, string unpricedPolicy, decimal maxHoldShare, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken) =>
        accounts.UpdateCheckSettingsAsync(account, epoch, unpricedPolicy, maxHoldShare, now, audit, cancellationToken);

    public Task<LoadedHolds> LoadHoldsAsync(AccountId account, Guid activation, DateTimeOffset now, CancellationToken cancellationToken) =>
        holds.LoadAsync(account, activation, now, cancellationToken);

    public Task<IReadOnlyList<StoredOverrun>> LoadOverrunsAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        holds.LoadOverrunsAsync(account, since, cancellationToken);

    public Task<bool> WriteCeilingsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, DateTimeOffset now, CancellationToken cancellationToken) =>
        holds.WriteCeilingsAsync(account, epoch, activation, ceilings, now, cancellationToken);

    public Task<bool> AdoptHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, CancellationToken cancellationToken) =>
        holds.AdoptAsync(account, epoch, activation, ceilings, cancellationToken);

    public Task<bool> StoreHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<StoredHold> left, CancellationToken cancellationToken) =>
        holds.StoreAsync(account, epoch, activation, left, cancellationToken);
}
