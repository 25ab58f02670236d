using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.Grains.Accounts;

/// <inheritdoc cref="IAccountGrain"/>
/// <remarks>
/// Reentrant: a check never waits behind a commit. What must be one step — deciding, counting a commit, changing a cap in memory — is one
/// synchronous section; what must see the ledger at rest runs in the ledger's own turn.
/// </remarks>
[Reentrant]
internal sealed partial class AccountGrain(
    AccountStorage storage,
    TimeProvider clock,
    GrainMetrics metrics,
    ILogger<AccountGrain> log) : Grain, IAccountGrain, AccountLedger.IOwner
{
    /// <summary>How often a closed ledger is tried again without a caller, so that totals do not stay stale.</summary>
    private static readonly TimeSpan ReopenEvery = TimeSpan.FromSeconds(1);

    private AccountId _account;
    private AccountMemory _memory = null!;
    private AccountLedger _ledger = null!;
    private CapFollowers _caps = null!;
    private CustomerFollowers _customers = null!;
    private IGrainTimer? _reopen;

    private bool Stale => !_ledger.IsOpen;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _account = AccountId.Parse(this.GetPrimaryKeyString());
        _caps = new CapFollowers(_account, GrainFactory, log);
        _customers = new CustomerFollowers(_account, GrainFactory, log);
        _ledger = new AccountLedger(_account, storage.Writer, this, metrics, log);
        try
        {
            await _ledger.OpenAsync(cancellationToken);
        }
        catch (Exception e) when (LedgerFaults.IsDatabaseFault(e))
        {
            throw new AccountUnavailableException($"account {_account} cannot be loaded: the database does not answer", e);
        }
        catch (EpochOverException e)
        {
            throw new AccountUnavailableException($"account {_account} cannot be loaded: another activation took over meanwhile", e);
        }

        metrics.Activated("account");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("account");
        _reopen?.Dispose();
        await _ledger.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task<RecordResult> RecordAsync(EventBatch batch) => _ledger.RecordAsync(batch.Events);

    public Task<CapCheck> CheckAsync(CallLabels labels) => Task.FromResult(_memory.Caps.Check(labels, Stale));

    public Task<AccountSettings> GetSettingsAsync() => Task.FromResult(_memory.Settings);

    public Task<AccountTotals> GetTotalsAsync() => Task.FromResult(_memory.Totals(Stale));

    public Task<CustomerTotals> GetCustomerTotalsAsync(string customerId) =>
        GrainFactory.GetGrain<ICustomerGrain>($"{_account}/{customerId}").GetTotalsAsync();

    public Task<LedgerPosition> WatchCustomerAsync(string customerId)
    {
        var position = _ledger.Position;
        return Task.FromResult(position with { Seq = _customers.Add(customerId, position.Seq) });
    }

    public Task UnwatchCustomerAsync(string customerId)
    {
        _customers.Remove(customerId);
        return Task.CompletedTask;
    }

    public async Task<AccountSettings> ChangeTimeZoneAsync(string timeZone)
    {
        var zone = AccountZone.Parse(timeZone);
        return await _ledger.InTurnAsync(async cancellationToken =>
        {
            await storage.ChangeZoneAsync(_account, _ledger.Position, _memory.Zone, zone, clock.GetUtcNow(), cancellationToken);

            // A new epoch makes customers reload by the new edges; caps do so at once, for whoever looks at them before the next event.
            await _ledger.OpenAsync(cancellationToken);
            await _caps.ReloadAllAsync(_memory.Caps.Entries);
            return _memory.Settings;
        }) ?? throw Unavailable();
    }

    async Task<LedgerPosition> AccountLedger.IOwner.OpenAsync(CancellationToken cancellationToken)
    {
        var (position, memory) = await storage.OpenAsync(_account, clock, cancellationToken);
        _memory = memory;
        _caps.Reset(memory.Caps.Entries);
        _customers.Clear();
        _reopen?.Dispose();
        _reopen = null;
        return position;
    }

    LedgerRow AccountLedger.IOwner.ToRow(LedgerEvent ledgerEvent) => _memory.ToRow(ledgerEvent);

    Func<Task> AccountLedger.IOwner.Apply(LedgerAppend append, AppendResult result)
    {
        var rows = append.Rows.AsSpan();
        var inserted = result.Inserted.AsSpan();
        _memory.Apply(rows, inserted);
        var deliver = _caps.Prepare(_memory.Caps.Apply(rows, inserted), append.Epoch, result.LastSeq);
        _customers.Apply(rows, inserted, append.Epoch, result.LastSeq);
        return deliver;
    }

    ValueTask<bool> AccountLedger.IOwner.CaughtUpAsync(ImmutableArray<LedgerEvent> events) =>
        _caps.CatchUpAsync(events, _memory.Caps);

    void AccountLedger.IOwner.Closed() => _reopen ??= this.RegisterGrainTimer(
        static (grain, _) =>
        {
            grain._ledger.Wake();
            return Task.CompletedTask;
        },
        this,
        new GrainTimerCreationOptions(ReopenEvery, ReopenEvery) { Interleave = true });

    void AccountLedger.IOwner.Fenced() => DeactivateOnIdle();

    private AccountUnavailableException Unavailable() =>
        new($"account {_account} cannot be changed now: its database does not answer");
}
