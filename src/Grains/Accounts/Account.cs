using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Logging;
using Orleans;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// One account in memory: its ledger, its caps, its holds, its totals. It knows no engine, so that a simulation can run it too. Everything
/// runs on one scheduler, a turn at a time: what must be one step — deciding and holding, counting a commit, changing a cap in memory — is one
/// synchronous section; what must see the ledger at rest runs in the ledger's own turn.
/// </summary>
internal sealed partial class Account : AccountLedger.IOwner, AccountHolds.IOwner, AccountWatches.IOwner
{
    private readonly AccountId _id;
    private readonly AccountLoads _loads;
    private readonly TimeProvider _clock;
    private readonly IHost _host;
    private readonly AccountLedger _ledger;
    private readonly AccountHolds _holds;
    private readonly CapFollowers _caps;
    private readonly CustomerFollowers _customers;
    private AccountMemory _memory = null!;
    private bool _opened;

    internal Account(
        AccountId id, AccountLoads loads, TimeProvider clock, IGrainFactory grains, AccountMetrics metrics, IHost host, ILogger log)
    {
        (_id, _loads, _clock, _host) = (id, loads, clock, host);
        var proofs = new Proofs();
        _caps = new CapFollowers(id, grains, log);
        _customers = new CustomerFollowers(id, grains, log);
        Watches = new AccountWatches(id, clock, this, log);
        _ledger = new AccountLedger(id, loads.Database, proofs, this, metrics.Grains, log);
        _holds = new AccountHolds(id, loads.Database, clock, proofs, this, metrics.Holds, log);
    }

    /// <summary>The activation that an account lives in.</summary>
    internal interface IHost
    {
        /// <summary>From now on <see cref="TickAsync"/> is due every second or so.</summary>
        void KeepTicking();

        /// <summary><see cref="AccountWatches.TellNext"/> is due once, after this time.</summary>
        void TellIn(TimeSpan pause);

        /// <summary>Another activation has taken over: this one must go.</summary>
        void Leave();
    }

    internal AccountSettings Settings => _memory.Settings;

    internal AccountTotals Totals => _memory.Totals(Stale);

    internal AccountHolds Holds => _holds;

    internal AccountWatches Watches { get; }

    internal AccountMemory Memory => _memory;

    internal LedgerPosition Position => _ledger.Position;

    /// <summary>Whether there is nothing that an activation should stay for, or be woken for.</summary>
    internal bool IsIdle => _ledger.IsOpen && !_holds.IsBusy;

    /// <summary>Totals may lack what the ledger holds.</summary>
    internal bool Stale => !_ledger.IsOpen;

    AccountMemory AccountHolds.IOwner.Memory => _memory;

    bool AccountHolds.IOwner.IsOpen => _ledger.IsOpen;

    bool AccountHolds.IOwner.IsOpening => _ledger.IsOpening;

    long AccountHolds.IOwner.Epoch => _ledger.Position.Epoch;

    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _ledger.OpenAsync(cancellationToken);
            _opened = true;
        }
        catch (Exception e) when (LedgerFaults.IsDatabaseFault(e))
        {
            throw new AccountUnavailableException($"account {_id} cannot be loaded: the database does not answer", e);
        }
        catch (EpochOverException e)
        {
            throw new AccountUnavailableException($"account {_id} cannot be loaded: another activation took over meanwhile", e);
        }
        finally
        {
            if (!_opened)
            {
                _holds.Left();
            }
        }
    }

    /// <summary>Finishes what was accepted, and leaves the open holds to the next activation.</summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        Watches.Clear();
        if (!_opened)
        {
            return;
        }

        await _holds.LeaveAsync().WaitAsync(cancellationToken);
        await _ledger.DrainAsync().WaitAsync(cancellationToken);
        await _holds.StoreAsync(cancellationToken);
    }

    internal async Task<RecordResult> RecordAsync(EventBatch batch)
    {
        _holds.Release(batch.ReleasedHolds);
        _holds.Arrive(batch.Events);
        try
        {
            return await _ledger.RecordAsync(batch.Events);
        }
        finally
        {
            _holds.Depart(batch.Events);
        }
    }

    internal CapCheck Check(in CallLabels labels, bool unpriced) => _holds.Check(labels, unpriced);

    /// <summary>What is due now and then, whoever calls or not.</summary>
    internal void Tick()
    {
        if (!_opened)
        {
            // One opening at a time: the first is the activation's own.
            return;
        }

        _ledger.Wake();
        _holds.Tick();
    }

    internal LedgerPosition WatchCustomer(string customerId)
    {
        var position = _ledger.Position;
        return position with { Seq = _customers.Add(customerId, position.Seq) };
    }

    internal void UnwatchCustomer(string customerId) => _customers.Remove(customerId);

    /// <summary>What others write of the account is its name; all else is changed here.</summary>
    internal async Task<AccountSettings> RefreshSettingsAsync() => await _ledger.InTurnAsync(async cancellationToken =>
    {
        var row = await _loads.Database.GetAccountAsync(_id, cancellationToken) ?? throw new EpochOverException($"account {_id} is gone");
        Watches.Note(AccountChanges.Settings);
        return _memory.Settings = _memory.Settings with { Name = row.Name };
    }) ?? throw Unavailable();

    internal async Task<AccountSettings> ChangeCheckSettingsAsync(string? unpricedPolicy, decimal? maxHoldShare, Actor by)
    {
        if (unpricedPolicy is not (null or AccountSettings.AllowUnpriced or AccountSettings.DenyUnpriced) || maxHoldShare is <= 0 or > 1)
        {
            throw new ArgumentException($"there is no policy {unpricedPolicy}, or no share {maxHoldShare}", nameof(unpricedPolicy));
        }

        return await _ledger.InTurnAsync(async cancellationToken =>
        {
            var changed = _memory.Settings with
            {
                UnpricedPolicy = unpricedPolicy ?? _memory.Settings.UnpricedPolicy,
                MaxHoldShare = maxHoldShare ?? _memory.Settings.MaxHoldShare,
            };
            var now = _clock.GetUtcNow();
            MustHold(await _loads.Database.UpdateCheckSettingsAsync(
                _id,
                _ledger.Position.Epoch,
                changed.UnpricedPolicy,
                changed.MaxHoldShare,
                now,
                AccountAudit.Changed(_id, _memory.Settings, changed, by, now),
                cancellationToken));
            Watches.Note(AccountChanges.Settings);
            return _memory.Settings = changed;
        }) ?? throw Unavailable();
    }

    internal async Task<AccountSettings> ChangeTimeZoneAsync(string timeZone, Actor by)
    {
        var zone = AccountZone.Parse(timeZone);
        return await _ledger.InTurnAsync(async cancellationToken =>
        {
            var (epoch, seq) = (_ledger.Position.Epoch, _ledger.Position.Seq);
            var now = _clock.GetUtcNow();
            var audit = AccountAudit.Changed(_id, _memory.Settings, _memory.Settings with { TimeZone = zone.Id }, by, now);
            if (!await _loads.Database.ChangeZoneAsync(_id, epoch, seq, _memory.Zone, zone, now, audit, cancellationToken))
            {
                throw new EpochOverException($"epoch {epoch} of account {_id} is over: its zone was not changed");
            }

            // A new epoch makes customers reload by the new edges; caps do so at once, for whoever looks at them before the next event.
            await _ledger.OpenAsync(cancellationToken);
            await _caps.ReloadAllAsync(_memory.Caps.Entries);
            return _memory.Settings;
        }) ?? throw Unavailable();
    }

    async Task<LedgerPosition> AccountLedger.IOwner.OpenAsync(CancellationToken cancellationToken)
    {
        var (position, memory) = await _loads.OpenAsync(_id, _clock, cancellationToken);
        var holds = await _holds.LoadAsync(cancellationToken);

        // One step: whatever is granted from here on counts in the new table.
        _memory = memory;
        _holds.Attach(holds);
        _caps.Reset(memory.Caps.Entries);
        _customers.Clear();
        await _holds.AdoptAsync(holds, position.Epoch, cancellationToken);
        if (_holds.IsBusy)
        {
            _host.KeepTicking();
        }

        return position;
    }

    LedgerRow AccountLedger.IOwner.ToRow(LedgerEvent ledgerEvent)
    {
        var row = _memory.ToRow(ledgerEvent);
        return row with { Hold = _holds.Note(ledgerEvent, row.Hour) };
    }

    Func<Task> AccountLedger.IOwner.Apply(LedgerAppend append, AppendResult result)
    {
        var rows = append.Rows.AsSpan();
        var inserted = result.Inserted.AsSpan();
        _memory.Apply(rows, inserted);
        var deliver = _caps.Prepare(_memory.Caps.Apply(rows, inserted), append.Epoch, result.LastSeq);
        for (var i = 0; i < rows.Length; i++)
        {
            _holds.Apply(rows[i], inserted[i]);
        }

        _customers.Apply(rows, inserted, append.Epoch, result.LastSeq);
        if (inserted.Contains(true))
        {
            Watches.Note(AccountChanges.Events);
        }

        return deliver;
    }

    ValueTask<bool> AccountLedger.IOwner.CaughtUpAsync(ImmutableArray<LedgerEvent> events) =>
        _caps.CatchUpAsync(events, _memory.Caps);

    void AccountLedger.IOwner.Opened() => Watches.Note(AccountChanges.All);

    void AccountLedger.IOwner.Closed()
    {
        Watches.Note(AccountChanges.None);
        _host.KeepTicking();
    }

    void AccountLedger.IOwner.Fenced() => _host.Leave();

    void AccountHolds.IOwner.TakenOver() => _ledger.TakenOver();

    void AccountHolds.IOwner.Busy() => _host.KeepTicking();

    void AccountHolds.IOwner.Changed() => Watches.Note(AccountChanges.Holds);

    AccountChange AccountWatches.IOwner.Change(AccountChanges what) => _memory.Change(_ledger.Position, Stale, what);

    void AccountWatches.IOwner.TellIn(TimeSpan pause) => _host.TellIn(pause);

    private AccountUnavailableException Unavailable() =>
        new($"account {_id} cannot be changed now: its database does not answer");
}
