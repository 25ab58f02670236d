using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Grains.Interfaces.Holds;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.Grains.Accounts;

/// <inheritdoc cref="IAccountGrain"/>
/// <remarks>The activation of an <see cref="Account"/>: its identity, its life and its timer. Reentrant: a check never waits behind a commit.</remarks>
[Reentrant]
internal sealed class AccountGrain(
    AccountLoads loads,
    TimeProvider clock,
    AccountMetrics metrics,
    ILogger<AccountGrain> log) : Grain, IAccountGrain, Account.IHost
{
    /// <summary>
    /// How often an account is woken without a caller while there is a reason: its ledger is closed and totals would stay stale, or holds
    /// run out. It stays in memory as long: an account with open holds is not idle.
    /// </summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);

    private Account _account = null!;
    private IGrainTimer? _ticks;
    private IGrainTimer? _telling;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _account = new Account(AccountId.Parse(this.GetPrimaryKeyString()), loads, clock, GrainFactory, metrics, this, log);
        await _account.OpenAsync(cancellationToken);
        metrics.Grains.Activated("account");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Grains.Deactivated("account");
        _ticks?.Dispose();
        _telling?.Dispose();
        await _account.CloseAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _account.Holds.Left();
    }

    public Task<RecordResult> RecordAsync(EventBatch batch) => _account.RecordAsync(batch);

    public Task<CapCheck> CheckAsync(CallLabels labels, bool unpriced) => Task.FromResult(_account.Check(labels, unpriced));

    public Task<HoldAnswer> HoldAsync(HoldRequest request) => _account.Holds.HoldAsync(request);

    public Task<HoldAnswer> ExtendHoldAsync(HoldId id, TimeSpan time) => _account.Holds.ExtendAsync(id, time);

    public Task<HoldAnswer> ReleaseHoldAsync(HoldId id) => Task.FromResult(_account.Holds.Release(id));

    public Task<HoldState?> GetHoldAsync(HoldId id) => Task.FromResult(_account.Holds.Find(id));

    public Task<HoldPage> GetHoldsAsync(int limit, DateTimeOffset? afterExpiry, HoldId afterId) =>
        Task.FromResult(_account.Holds.Page(limit, afterExpiry, afterId));

    public Task<ImmutableArray<CapState>> GetCapsAsync() => Task.FromResult(_account.GetCaps());

    public Task<CapState?> GetCapAsync(CapId id) => Task.FromResult(_account.GetCap(id));

    public Task<CapAnswer> CreateCapAsync(Cap cap, Actor? by = null) => _account.CreateCapAsync(cap, by ?? Actor.System);

    public Task<CapAnswer> ChangeCapAsync(CapId id, CapChange change, Actor? by = null) =>
        _account.ChangeCapAsync(id, change, by ?? Actor.System);

    public Task<CapAnswer> DeleteCapAsync(CapId id, Actor? by = null) => _account.DeleteCapAsync(id, by ?? Actor.System);

    public Task<AccountSettings> GetSettingsAsync() => Task.FromResult(_account.Settings);

    public Task<AccountSettings> RefreshSettingsAsync() => _account.RefreshSettingsAsync();

    public Task<AccountSettings> ChangeCheckSettingsAsync(string? unpricedPolicy, decimal? maxHoldShare, Actor? by = null) =>
        _account.ChangeCheckSettingsAsync(unpricedPolicy, maxHoldShare, by ?? Actor.System);

    public Task<AccountSettings> ChangeTimeZoneAsync(string timeZone, Actor? by = null) =>
        _account.ChangeTimeZoneAsync(timeZone, by ?? Actor.System);

    public Task<AccountTotals> GetTotalsAsync() => Task.FromResult(_account.Totals);

    public Task<CustomerTotals> GetCustomerTotalsAsync(string customerId) =>
        GrainFactory.GetGrain<ICustomerGrain>($"{this.GetPrimaryKeyString()}/{customerId}").GetTotalsAsync();

    public Task<LedgerPosition> WatchCustomerAsync(string customerId) => Task.FromResult(_account.WatchCustomer(customerId));

    public Task UnwatchCustomerAsync(string customerId)
    {
        _account.UnwatchCustomer(customerId);
        return Task.CompletedTask;
    }

    public Task<AccountChange?> WatchAsync(IAccountObserver observer) => Task.FromResult(_account.Watches.Add(observer));

    public Task UnwatchAsync(IAccountObserver observer)
    {
        _account.Watches.Remove(observer);
        return Task.CompletedTask;
    }

    void Account.IHost.TellIn(TimeSpan pause)
    {
        _telling ??= this.RegisterGrainTimer(
            static (grain, _) =>
            {
                grain._account.Watches.TellNext();
                return Task.CompletedTask;
            },
            this,
            new GrainTimerCreationOptions(pause, Timeout.InfiniteTimeSpan) { Interleave = true });
        _telling.Change(pause, Timeout.InfiniteTimeSpan);
    }

    void Account.IHost.KeepTicking() => _ticks ??= this.RegisterGrainTimer(
        static (grain, _) =>
        {
            grain.Tick();
            return Task.CompletedTask;
        },
        this,
        new GrainTimerCreationOptions(TickEvery, TickEvery) { Interleave = true, KeepAlive = true });

    void Account.IHost.Leave() => DeactivateOnIdle();

    private void Tick()
    {
        _account.Tick();
        if (_account.IsIdle)
        {
            _ticks?.Dispose();
            _ticks = null;
        }
    }
}
