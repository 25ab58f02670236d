using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// What an account asks of the database. PostgreSQL answers it, and a simulated one that loses replies and stops at any moment. A write that
/// answers false wrote nothing: the epoch that it states is over.
/// </summary>
internal interface IAccountDatabase
{
    /// <inheritdoc cref="LedgerStore.TakeEpochAsync"/>
    Task<LedgerHead> TakeEpochAsync(AccountId account, CancellationToken cancellationToken);

    Task<AccountRow?> GetAccountAsync(AccountId account, CancellationToken cancellationToken);

    /// <inheritdoc cref="LedgerStore.LoadAccountAsync"/>
    Task<LoadedAccount> LoadAccountAsync(AccountId account, CurrentPeriods periods, CancellationToken cancellationToken);

    Task<IReadOnlyList<Cap>> ListCapsAsync(AccountId account, CancellationToken cancellationToken);

    /// <inheritdoc cref="LedgerStore.LoadCapTotalsAsync"/>
    Task<LoadedCapTotals> LoadCapTotalsAsync(AccountId account, IReadOnlyList<CapTotalQuery> queries, CancellationToken cancellationToken);

    /// <inheritdoc cref="Storage.Alerts.AlertsStore.ListExceededAsync"/>
    Task<IReadOnlyDictionary<(CapId Cap, DateTimeOffset PeriodStart), DateTimeOffset>> ListExceededAsync(
        AccountId account, CapId? only, DateTimeOffset now, CancellationToken cancellationToken);

    /// <inheritdoc cref="LedgerWriter.AppendAsync"/>
    Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken);

    Task<bool> InsertCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken);

    Task<bool> UpdateCapAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken);

    Task<bool> DeleteCapAsync(AccountId account, CapId cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken);

    /// <inheritdoc cref="LedgerBuckets.ChangeZoneAsync"/>
    Task<bool> ChangeZoneAsync(
        AccountId account, long epoch, long expectedSeq, AccountZone from, AccountZone to, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken);

    Task<bool> UpdateCheckSettingsAsync(
        AccountId account, long epoch, string unpricedPolicy, decimal maxHoldShare, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellationToken);

    /// <inheritdoc cref="HoldsStore.LoadAsync"/>
    Task<LoadedHolds> LoadHoldsAsync(AccountId account, Guid activation, DateTimeOffset now, CancellationToken cancellationToken);

    /// <inheritdoc cref="HoldsStore.LoadOverrunsAsync"/>
    Task<IReadOnlyList<StoredOverrun>> LoadOverrunsAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken);

    /// <inheritdoc cref="HoldsStore.WriteCeilingsAsync"/>
    Task<bool> WriteCeilingsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, DateTimeOffset now, CancellationToken cancellationToken);

    /// <inheritdoc cref="HoldsStore.AdoptAsync"/>
    Task<bool> AdoptHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, CancellationToken cancellationToken);

    /// <inheritdoc cref="HoldsStore.StoreAsync"/>
    Task<bool> StoreHoldsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<StoredHold> holds, CancellationToken cancellationToken);
}
