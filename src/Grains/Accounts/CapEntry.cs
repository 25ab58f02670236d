using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Grains.Accounts;

/// <summary>One cap inside its account's table, with what its own grain has been sent.</summary>
internal sealed class CapEntry(Cap cap, long seq)
{
    private PeriodTotals _spent;
    private PeriodTotals _overrun;
    private readonly List<HourAmount> _amounts = [];
    private DateTimeOffset? _exceededAt;
    private DateTimeOffset _exceededPeriod;

    internal Cap Cap { get; private set; } = cap;

    /// <summary>What is held of it. The same object through every reload.</summary>
    internal CapHolds Holds { get; set; } = new(cap.Id);

    internal bool CanDeny => Cap is { Enabled: true, Enforcement: CapEnforcement.HardBlock };

    /// <summary>The sequence of the last delta sent to the cap's grain.</summary>
    internal long SentSeq { get; private set; } = seq;

    /// <summary>
    /// Where the cap stands in the running period; used up since its start where only spend dated ahead into it did that.
    /// </summary>
    internal CapStanding Standing(DateTimeOffset now, AccountZone zone)
    {
        var start = zone.PeriodStart(Cap.Period, now);
        return new CapStanding(Cap, _spent.In(start).Cost, Holds.Total, _exceededPeriod == start ? _exceededAt ?? start : start);
    }

    /// <summary>Sets a total read from the ledger.</summary>
    internal void Load(DateTimeOffset periodStart, Usd spent) => _spent.Load(periodStart, new Spend(spent, 0));

    /// <summary>Adds what the ledger holds for a period after the running one.</summary>
    internal void LoadAhead(DateTimeOffset periodStart, Usd spent) => _spent.Add(periodStart, new Spend(spent, 0));

    /// <summary>Counts what a call cost above its hold in the period that begins there.</summary>
    internal void AddOverrun(DateTimeOffset periodStart, Usd amount) => _overrun.Add(periodStart, new Spend(amount, 1));

    internal Usd Overrun(DateTimeOffset periodStart) => _overrun.In(periodStart).Cost;

    /// <summary>Notes when the limit was reached in a period.</summary>
    internal void NoteExceeded(DateTimeOffset periodStart, DateTimeOffset at)
    {
        _exceededPeriod = periodStart;
        _exceededAt = at;
    }

    /// <summary>After a change to the definition: where that is what used the cap up, it is used up as of now.</summary>
    internal void Change(Cap cap, DateTimeOffset now, AccountZone zone)
    {
        var start = zone.PeriodStart(cap.Period, now);
        if (_spent.In(start).Cost is var spent && spent >= cap.Limit && spent < Cap.Limit)
        {
            NoteExceeded(start, now);
        }

        Cap = cap;
    }

    /// <summary>Counts an amount in the period of its hour; true where it is the first of this commit.</summary>
    internal bool Add(DateTimeOffset hour, Usd amount, DateTimeOffset now, AccountZone zone)
    {
        var start = zone.PeriodStart(Cap.Period, hour);
        var current = zone.PeriodStart(Cap.Period, now);
        var wasUsedUp = _spent.In(start).Cost >= Cap.Limit;
        _spent.Add(start, new Spend(amount, 1));
        if (start == current && !wasUsedUp && _spent.In(start).Cost >= Cap.Limit)
        {
            NoteExceeded(start, now);
        }

        for (var i = 0; i < _amounts.Count; i++)
        {
            if (_amounts[i].Hour == hour)
            {
                _amounts[i] = new HourAmount(hour, _amounts[i].Amount + amount);
                return false;
            }
        }

        _amounts.Add(new HourAmount(hour, amount));
        return _amounts.Count == 1;
    }

    /// <summary>What the cap's grain must apply for the commit that ended at this position.</summary>
    internal CapDelta TakeDelta(long epoch, long seq)
    {
        var delta = new CapDelta(epoch, SentSeq, seq, [.. _amounts]);
        _amounts.Clear();
        SentSeq = seq;
        return delta;
    }
}
