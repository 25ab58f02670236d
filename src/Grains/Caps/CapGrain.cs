using LlmObserve.Domain.Alerts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using Microsoft.Extensions.Logging;
using Orleans;

namespace LlmObserve.Grains.Caps;

/// <inheritdoc cref="ICapGrain"/>
internal sealed partial class CapGrain(AccountStorage storage, TimeProvider clock, GrainMetrics metrics, ILogger<CapGrain> log) : Grain, ICapGrain
{
    private CapId _id;
    private Cap? _cap;
    private AccountZone _zone = AccountZone.Utc;
    private LedgerPosition _applied;
    private PeriodTotals _spent;
    private DateTimeOffset? _exceededAt;
    private bool _loaded;

    /// <summary>The highest threshold on record, and in which period.</summary>
    private (DateTimeOffset PeriodStart, decimal Threshold) _alerted;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!CapId.TryParse(this.GetPrimaryKeyString(), out _id))
        {
            throw new InvalidOperationException($"'{this.GetPrimaryKeyString()}' is not a cap id");
        }

        metrics.Activated("cap");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("cap");
        return Task.CompletedTask;
    }

    public async Task ApplyAsync(CapDelta delta)
    {
        if (!_loaded || delta.Epoch > _applied.Epoch || (delta.Epoch == _applied.Epoch && delta.PreviousSeq > _applied.Seq))
        {
            await LoadAsync();
            if (_cap is not null && new LedgerPosition(delta.Epoch, delta.Seq).IsAfter(_applied))
            {
                throw new InvalidOperationException(
                    $"cap {_id} read the ledger at {_applied}, before the commit {delta.Epoch}:{delta.Seq} that it was told of");
            }
        }

        if (_cap is null)
        {
            return;
        }

        if (delta.Epoch == _applied.Epoch && delta.Seq > _applied.Seq)
        {
            foreach (var amount in delta.Amounts)
            {
                _spent.Add(_zone.PeriodStart(_cap.Period, amount.Hour), new Spend(amount.Amount, 1));
            }

            _applied = _applied with { Seq = delta.Seq };
        }

        await RecordCrossedAsync(_cap);
    }

    public async Task ReloadAsync()
    {
        await LoadAsync();
        if (_cap is null)
        {
            DeactivateOnIdle();
            return;
        }

        await RecordCrossedAsync(_cap);
    }

    public async Task<CapProgress> GetProgressAsync()
    {
        if (!_loaded)
        {
            await LoadAsync();
        }

        var cap = _cap ?? throw new KeyNotFoundException($"there is no cap {_id}");
        var start = _zone.PeriodStart(cap.Period, clock.GetUtcNow());
        var spent = _spent.In(start).Cost;
        return new CapProgress(_id, _applied.Epoch, _applied.Seq, start, spent, spent >= cap.Limit ? _exceededAt ?? start : null);
    }

    private async Task LoadAsync()
    {
        _loaded = false;
        _cap = await storage.Caps.FindAsync(_id, CancellationToken.None);
        if (_cap is not null)
        {
            var now = clock.GetUtcNow();
            _zone = await storage.GetZoneAsync(_cap.Account, CancellationToken.None);
            var load = (await storage.Loads.LoadCapsAsync(_cap.Account, [_cap], _zone, now, CancellationToken.None))[0];
            _spent.Load(load.PeriodStart, new Spend(load.Spent, 0));
            _spent.Add(load.NextStart, new Spend(load.SpentAhead, 0));
            _exceededAt = load.ExceededAt;
            _applied = load.Position;
            _alerted = default;
        }

        _loaded = true;
    }

    /// <summary>Puts every threshold that the running period has crossed on record, each once: the record itself refuses a second.</summary>
    private async Task RecordCrossedAsync(Cap cap)
    {
        if (!cap.Enabled)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var start = _zone.PeriodStart(cap.Period, now);
        if (_alerted.PeriodStart != start)
        {
            _alerted = (start, 0);
            _exceededAt = _exceededAt >= start ? _exceededAt : null;
        }

        var spent = _spent.In(start).Cost;
        foreach (var threshold in cap.Thresholds)
        {
            if (threshold <= _alerted.Threshold || spent.Nanos < cap.Limit.Nanos * threshold)
            {
                continue;
            }

            var alert = new Alert
            {
                Id = Guid.CreateVersion7(now),
                Account = cap.Account,
                Cap = cap.Id,
                Threshold = threshold,
                CurrentSpend = spent,
                CapLimit = cap.Limit,
                TargetType = cap.Scope.Type,
                TargetName = cap.TargetName,
                PeriodStart = start,
                PeriodEnd = _zone.PeriodEnd(cap.Period, now),
                CreatedAt = now,
            };
            if (await storage.Alerts.InsertOnceAsync(alert, CancellationToken.None))
            {
                LogCrossed(log, cap.Id, cap.Account, threshold, spent, cap.Limit);
            }

            _alerted = (start, threshold);
            _exceededAt ??= threshold >= 1 ? now : null;
        }
    }

    [LoggerMessage(20, LogLevel.Information, "Cap {Cap} of account {Account} crossed {Threshold}: {Spent} of {Limit} USD")]
    private static partial void LogCrossed(
        ILogger logger,
        CapId cap,
        Domain.Accounts.AccountId account,
        decimal threshold,
        Usd spent,
        Usd limit);
}
