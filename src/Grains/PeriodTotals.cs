using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Grains;

/// <summary>
/// Spend by period start: the running period and, because an event may be dated up to five minutes ahead, the one after it. A mutable struct
/// because there are several in every customer and cap: keep it in a field and never copy it.
/// </summary>
internal struct PeriodTotals
{
    private DateTimeOffset _firstStart;
    private Spend _first;
    private DateTimeOffset _secondStart;
    private Spend _second;

    public readonly Spend In(DateTimeOffset start) => start == _firstStart ? _first : start == _secondStart ? _second : default;

    /// <summary>Sets a total that was read from the ledger; forgets all before it.</summary>
    public void Load(DateTimeOffset start, Spend total)
    {
        (_firstStart, _first) = (start, total);
        (_secondStart, _second) = (default, default);
    }

    /// <summary>Adds to a period; what belongs to one older than both it knows has ended and is dropped.</summary>
    public void Add(DateTimeOffset start, Spend spend)
    {
        if (start == _firstStart)
        {
            _first += spend;
        }
        else if (start == _secondStart)
        {
            _second += spend;
        }
        else if (start > _secondStart && start > _firstStart)
        {
            if (_secondStart > _firstStart)
            {
                (_firstStart, _first) = (_secondStart, _second);
            }

            (_secondStart, _second) = (start, spend);
        }
        else if (start > _firstStart)
        {
            // Nothing was spent in this period before an event dated into the next one came: the first has ended.
            (_firstStart, _first) = (start, spend);
        }
    }
}
