using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Accounts;
using LlmObserve.Storage.Holds;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Holds;

/// <summary>How holds outlive their activation: written down by one that ends in good order, covered by ceilings where it does not.</summary>
internal sealed partial class AccountHolds
{
    /// <summary>
    /// Machines' clocks differ: what another one wrote down may last this much longer than it seems here. What keeps clocks together keeps
    /// them within far less.
    /// </summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    /// <summary>No ceiling lasts longer, whatever a clock that has stepped back makes of it.</summary>
    private static readonly TimeSpan LongestCeiling = HoldLimits.MaxLife + (HoldLimits.MaxLife / TenthOfTime);

    private TimeSpan _nextGuard = TimeSpan.MaxValue;

    /// <summary>Tells this activation's ceilings from those of others, also after its ledger took a new epoch.</summary>
    internal Guid Activation { get; } = Guid.NewGuid();

    /// <summary>
    /// Loads what other activations left, under an epoch just taken: the ceilings of those that crashed or go on without knowing, and the
    /// holds of one that ended in good order.
    /// </summary>
    internal async Task<LoadedHolds> LoadAsync(CancellationToken cancellationToken)
    {
        // One write at a time: a ceiling that is under way must not undo what is adopted next.
        await _pump;
        return await database.LoadHoldsAsync(account, Activation, clock.GetUtcNow() - ClockTolerance, cancellationToken);
    }

    /// <summary>
    /// Counts, in the table that the account decides by from now on, its open holds, those that it takes over, and what others may have
    /// granted.
    /// </summary>
    internal void Attach(LoadedHolds loaded)
    {
        var now = _clock.Now();
        foreach (var stored in loaded.Holds
            .Select(stored => stored with { ExpiresAt = stored.ExpiresAt + ClockTolerance })
            .Where(stored => stored.ExpiresAt > now.Wall && !_book.TryFind(stored.Id, out _)))
        {
            _book.Add(Hold.FromRow(stored, now));
            metrics.Moved(1);
        }

        Attach(owner.Memory.Caps, now);
        Guard(loaded.Ceilings, now);
    }

    /// <summary>
    /// From now on the holds that were taken over are covered by this activation's ceilings, and no longer written down. Throws where the
    /// epoch is over.
    /// </summary>
    internal async Task AdoptAsync(LoadedHolds loaded, long epoch, CancellationToken cancellationToken)
    {
        if (loaded.Holds.Count == 0)
        {
            return;
        }

        var rows = owner.Memory.Caps.Entries
            .Where(entry => entry.CanDeny && entry.Holds.Held > Usd.Zero)
            .Select(entry => (entry.Holds, Amount: entry.Holds.Held, Until: entry.Holds.LatestExpiry))
            .ToList();
        foreach (var (holds, amount, until) in rows)
        {
            holds.WriteBegins(amount, until);
        }

        if (!await database.AdoptHoldsAsync(
            account, epoch, Activation, [.. rows.Select(row => new CapCeiling(row.Holds.Cap, row.Amount, row.Until))], cancellationToken))
        {
            throw new EpochOverException($"epoch {epoch} of account {account} was taken over while it took over its holds");
        }

        foreach (var (holds, amount, until) in rows)
        {
            holds.WriteSucceeded(amount, until);
        }
    }

    /// <summary>Counts the open holds in a cap that was added.</summary>
    internal void Attach(CapEntry entry)
    {
        _caps[entry.Cap.Id] = entry.Holds;
        foreach (var hold in _book.Open.Where(hold => entry.Cap.Scope.Matches(hold.Labels)))
        {
            entry.Holds.Add(hold.Amount, hold.ExpiresAt, hold.Granted);
        }
    }

    /// <summary>Forgets a cap that was removed.</summary>
    internal void Forget(CapEntry entry) => _caps.Remove(entry.Cap.Id);

    /// <summary>From now on nothing is granted: this activation goes.</summary>
    internal Task LeaveAsync()
    {
        _leaving = true;
        return _pump;
    }

    /// <summary>Writes the open holds down for the next activation, in place of the ceilings that bounded them.</summary>
    internal async Task StoreAsync(CancellationToken cancellationToken)
    {
        var now = Sweep();
        if (!owner.IsOpen || !IsBusy)
        {
            return;
        }

        var written = await database.StoreHoldsAsync(
            account, owner.Epoch, Activation, [.. _book.Open.Select(hold => hold.ToRow(now))], cancellationToken);
        if (written)
        {
            LogStored(log, account, _book.Open.Count);
        }
    }

    /// <summary>This activation is gone, and with it its share of what the process measures.</summary>
    internal void Left() => metrics.Moved(-_book.Open.Count);

    /// <summary>Counts every open hold in the caps of a table that was loaded anew.</summary>
    private void Attach(CapTable table, HoldTime now)
    {
        var before = _caps;
        _caps = [];
        foreach (var entry in table.Entries)
        {
            if (before.TryGetValue(entry.Cap.Id, out var holds))
            {
                holds.Clear();
                entry.Holds = holds;
            }

            _caps.Add(entry.Cap.Id, entry.Holds);
        }

        foreach (var hold in _book.Open)
        {
            foreach (var entry in table.Match(hold.Labels))
            {
                entry.Holds.Add(hold.Amount, hold.ExpiresAt, now.Passed);
            }
        }
    }

    private void Guard(IReadOnlyList<CapCeiling> ceilings, HoldTime now)
    {
        foreach (var cap in _caps.Values)
        {
            cap.ClearGuards();
        }

        foreach (var ceiling in ceilings)
        {
            var left = ceiling.Until + ClockTolerance - now.Wall;
            if (left > TimeSpan.Zero && _caps.TryGetValue(ceiling.Cap, out var cap))
            {
                cap.Guard(ceiling.Amount, now.Passed + (left < LongestCeiling ? left : LongestCeiling));
                LogGuarded(log, account, ceiling.Amount, ceiling.Cap, ceiling.Until);
            }
        }

        LiftGuards(now.Passed);
    }

    private void LiftGuards(TimeSpan now)
    {
        _nextGuard = TimeSpan.MaxValue;
        foreach (var cap in _caps.Values)
        {
            if (cap.LiftGuards(now) is { } next && next < _nextGuard)
            {
                _nextGuard = next;
            }
        }
    }

    [LoggerMessage(13, LogLevel.Information, "Account {Account}: {Amount} USD of cap {Cap} count as held until {Until}: an activation before may have granted them")]
    private static partial void LogGuarded(ILogger logger, AccountId account, Usd amount, CapId cap, DateTimeOffset until);

    [LoggerMessage(14, LogLevel.Debug, "Account {Account}: {Holds} open holds are written down for the next activation")]
    private static partial void LogStored(ILogger logger, AccountId account, int holds);
}
