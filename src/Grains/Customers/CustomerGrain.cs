using System.Collections.Immutable;
using System.Runtime.InteropServices;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Customers;
using Orleans;

namespace LlmObserve.Grains.Customers;

/// <inheritdoc cref="ICustomerGrain"/>
/// <remarks>
/// It asks its account for deltas while it is active, and compares positions at every read, so it costs an account nothing until somebody
/// looks, and a lost delta is noticed at the next look.
/// </remarks>
internal sealed class CustomerGrain(AccountStorage storage, TimeProvider clock, GrainMetrics metrics) : Grain, ICustomerGrain
{
    private readonly Dictionary<string, PeriodTotals> _byModel = new(StringComparer.Ordinal);
    private AccountId _account;
    private string _customerId = "";
    private AccountZone _zone = AccountZone.Utc;
    private LedgerPosition _applied;
    private RunningSpend _spend;
    private bool _loaded;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/');
        if (slash < 0)
        {
            throw new InvalidOperationException($"'{key}' is not accountId/customerId");
        }

        _account = AccountId.Parse(key[..slash]);
        _customerId = key[(slash + 1)..];
        metrics.Activated("customer");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("customer");
        return reason.ReasonCode == DeactivationReasonCode.ShuttingDown ? Task.CompletedTask : Account().UnwatchCustomerAsync(_customerId);
    }

    public async Task<CustomerTotals> GetTotalsAsync()
    {
        // Watch first, then read: whatever commits in between arrives as a delta that the read may already hold.
        var position = await Account().WatchCustomerAsync(_customerId);
        if (!_loaded || position.IsAfter(_applied))
        {
            await LoadAsync();
        }

        var now = clock.GetUtcNow();
        var month = _zone.PeriodStart(CapPeriod.Monthly, now);
        return new CustomerTotals(
            _customerId,
            _spend.Day(_zone, now),
            _spend.Week(_zone, now),
            _spend.Month(_zone, now),
            _byModel
                .Select(m => KeyValuePair.Create(m.Key, m.Value.In(month)))
                .Where(m => m.Value.Calls > 0)
                .ToImmutableDictionary(StringComparer.Ordinal));
    }

    public async Task ApplyAsync(CustomerDelta delta)
    {
        if (!_loaded || delta.Epoch > _applied.Epoch || (delta.Epoch == _applied.Epoch && delta.PreviousSeq > _applied.Seq))
        {
            await LoadAsync();
        }

        if (delta.Epoch != _applied.Epoch || delta.Seq <= _applied.Seq)
        {
            return;
        }

        foreach (var amount in delta.Amounts)
        {
            _spend.Add(_zone, amount.Hour, amount.Spend);
            AddToModel(_zone.PeriodStart(CapPeriod.Monthly, amount.Hour), amount.Model, amount.Spend);
        }

        _applied = _applied with { Seq = delta.Seq };
    }

    private void AddToModel(DateTimeOffset month, string model, Spend spend)
    {
        if (model.Length > 0)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_byModel, model, out _).Add(month, spend);
        }
    }

    private async Task LoadAsync()
    {
        var now = clock.GetUtcNow();
        _zone = await storage.GetZoneAsync(_account, CancellationToken.None);
        var load = await storage.LoadCustomerAsync(_account, _customerId, _zone, now, CancellationToken.None);
        var month = _zone.PeriodStart(CapPeriod.Monthly, now);
        var nextMonth = _zone.PeriodEnd(CapPeriod.Monthly, now);
        _spend.Load(_zone, now, load.Periods, load.Ahead);
        _byModel.Clear();
        foreach (var call in load.ByModel)
        {
            AddToModel(call.IsAhead ? nextMonth : month, call.Model, call.Totals.ToSpend());
        }

        _applied = new LedgerPosition(load.Head.Epoch, load.Head.LastSeq);
        _loaded = true;
    }

    private IAccountGrain Account() => GrainFactory.GetGrain<IAccountGrain>(_account.ToString());
}
