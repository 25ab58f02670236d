using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>
/// What one cap has spent, by the instant at which a period begins (UTC). It keeps the open periods only: the current one, the next (an
/// event may be up to five minutes ahead), and whatever else the owner has not yet let go with <see cref="RollTo"/>. Not safe for use by
/// two threads: it lives inside a grain.
/// </summary>
public sealed class CapTotals
{
    // The current period, the next, and the last while it is still kept: a list this short is searched faster than any tree.
    private readonly List<PeriodSpend> _periods = new(2);

    /// <summary>Totals from <paramref name="oldest"/> on, the beginning of the oldest period that is kept.</summary>
    public CapTotals(DateTimeOffset oldest) => Oldest = oldest;

    /// <summary>Beginning of the oldest period that is kept.</summary>
    public DateTimeOffset Oldest { get; private set; }

    /// <summary>The kept periods with any spend, oldest first.</summary>
    public IReadOnlyList<PeriodSpend> Periods => _periods;

    /// <summary>
    /// Counts an amount in the period that begins at <paramref name="periodStart"/>. False where that period is let go already: its total is
    /// the ledger's business, and nothing is counted here. Throws <see cref="OverflowException"/> beyond the range of money.
    /// </summary>
    public bool Add(DateTimeOffset periodStart, Usd amount)
    {
        if (periodStart < Oldest)
        {
            return false;
        }

        var at = Find(periodStart);
        if (at >= 0)
        {
            _periods[at] = new PeriodSpend(periodStart, _periods[at].Spent + amount);
        }
        else
        {
            _periods.Insert(~at, new PeriodSpend(periodStart, amount));
        }

        return true;
    }

    /// <summary>Replaces a period's total, as loaded from the ledger. False where that period is let go already.</summary>
    public bool Set(DateTimeOffset periodStart, Usd spent)
    {
        if (periodStart < Oldest)
        {
            return false;
        }

        var at = Find(periodStart);
        if (at >= 0)
        {
            _periods[at] = new PeriodSpend(periodStart, spent);
        }
        else
        {
            _periods.Insert(~at, new PeriodSpend(periodStart, spent));
        }

        return true;
    }

    /// <summary>
    /// What the period that begins at <paramref name="periodStart"/> has spent; zero where it has not begun to spend. Throws where the period
    /// is let go already: a zero would let calls through that a full cap has to stop.
    /// </summary>
    public Usd SpentIn(DateTimeOffset periodStart)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periodStart, Oldest);
        var at = Find(periodStart);
        return at >= 0 ? _periods[at].Spent : Usd.Zero;
    }

    /// <summary>
    /// Lets go of every period before <paramref name="oldest"/>. An instant before <see cref="Oldest"/> changes nothing, so a clock that
    /// steps back brings no period back.
    /// </summary>
    public void RollTo(DateTimeOffset oldest)
    {
        if (oldest <= Oldest)
        {
            return;
        }

        Oldest = oldest;
        _periods.RemoveAll(period => period.Start < oldest);
    }

    /// <summary>Index of the period, or the complement of where it belongs.</summary>
    private int Find(DateTimeOffset start)
    {
        // From the end: nearly every event belongs to the newest period.
        var at = _periods.Count - 1;
        while (at >= 0 && _periods[at].Start > start)
        {
            at--;
        }

        return at >= 0 && _periods[at].Start == start ? at : ~(at + 1);
    }
}

/// <summary>What was spent in the period that begins at <paramref name="Start"/> (UTC).</summary>
public readonly record struct PeriodSpend(DateTimeOffset Start, Usd Spent);
