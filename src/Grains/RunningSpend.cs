using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains;

/// <summary>Calls and cost of the running day, week and month in an account's time zone. Keep it in a field and never copy it.</summary>
internal struct RunningSpend
{
    private PeriodTotals _day;
    private PeriodTotals _week;
    private PeriodTotals _month;

    public readonly Spend Day(AccountZone zone, DateTimeOffset now) => _day.In(zone.PeriodStart(CapPeriod.Daily, now));

    public readonly Spend Week(AccountZone zone, DateTimeOffset now) => _week.In(zone.PeriodStart(CapPeriod.Weekly, now));

    public readonly Spend Month(AccountZone zone, DateTimeOffset now) => _month.In(zone.PeriodStart(CapPeriod.Monthly, now));

    /// <summary>Sets the totals of the periods that ran at <paramref name="now"/>, and of what is dated after each.</summary>
    public void Load(AccountZone zone, DateTimeOffset now, Storage.Ledger.PeriodTotals totals, Storage.Ledger.PeriodTotals ahead)
    {
        Load(ref _day, CapPeriod.Daily, totals.Day, ahead.Day);
        Load(ref _week, CapPeriod.Weekly, totals.Week, ahead.Week);
        Load(ref _month, CapPeriod.Monthly, totals.Month, ahead.Month);

        void Load(ref PeriodTotals to, CapPeriod period, UsageTotals current, UsageTotals next)
        {
            to.Load(zone.PeriodStart(period, now), current.ToSpend());
            if (next.Calls > 0)
            {
                to.Add(zone.PeriodEnd(period, now), next.ToSpend());
            }
        }
    }

    public void Add(AccountZone zone, DateTimeOffset hour, Spend spend)
    {
        _day.Add(zone.PeriodStart(CapPeriod.Daily, hour), spend);
        _week.Add(zone.PeriodStart(CapPeriod.Weekly, hour), spend);
        _month.Add(zone.PeriodStart(CapPeriod.Monthly, hour), spend);
    }
}

/// <summary>From the ledger's sums to the grains' words.</summary>
internal static class SpendConversions
{
    internal static Spend ToSpend(this UsageTotals totals) => new(totals.Cost, totals.Calls);
}
