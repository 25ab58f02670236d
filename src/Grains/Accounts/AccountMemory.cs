using System.Collections.Immutable;
using System.Runtime.InteropServices;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>What an open account keeps in memory: its settings, its caps and its running totals. Replaced whole when the ledger opens.</summary>
internal sealed class AccountMemory
{
    private readonly Dictionary<string, PeriodTotals> _byProvider = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PeriodTotals> _byModel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PeriodTotals> _byAgent = new(StringComparer.Ordinal);
    private readonly DaySections _sections = new();
    private readonly TimeProvider _clock;
    private RunningSpend _spend;
    private Spend _overall;

    internal AccountMemory(AccountSettings settings, AccountZone zone, TimeProvider clock, DateTimeOffset loadedAt)
    {
        _clock = clock;
        Settings = settings;
        Zone = zone;
        Caps = new CapTable(Zone, clock, loadedAt);
    }

    internal AccountSettings Settings { get; set; }

    internal AccountZone Zone { get; }

    internal CapTable Caps { get; }

    /// <summary>The buckets of an event, and the section that it counts under.</summary>
    internal LedgerRow ToRow(LedgerEvent ledgerEvent)
    {
        var (hour, day) = Zone.BucketOf(ledgerEvent.OccurredAt);
        return new LedgerRow(ledgerEvent, hour, day) { Section = _sections.NameOf(day, ledgerEvent.SectionPath) };
    }

    internal void Load(LoadedAccount load, DateTimeOffset now)
    {
        var month = Zone.PeriodStart(CapPeriod.Monthly, now);
        var nextMonth = Zone.PeriodEnd(CapPeriod.Monthly, now);
        _spend.Load(Zone, now, load.Periods, load.Ahead);
        _overall = new Spend(load.Head.TotalCost, load.Head.TotalCalls);
        foreach (var section in load.Sections)
        {
            _sections.Load(section);
        }

        foreach (var call in load.ByCall)
        {
            Add(call.IsAhead ? nextMonth : month, call.Provider, call.Model, call.Agent, call.Totals.ToSpend());
        }
    }

    /// <summary>Counts the new rows of a commit in the running totals; the caps are counted by their own table.</summary>
    internal void Apply(ReadOnlySpan<LedgerRow> rows, ReadOnlySpan<bool> inserted)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (inserted[i])
            {
                Apply(rows[i]);
            }
        }
    }

    internal AccountTotals Totals(bool stale)
    {
        var now = _clock.GetUtcNow();
        var month = Zone.PeriodStart(CapPeriod.Monthly, now);
        return new AccountTotals(
            _spend.Day(Zone, now),
            _spend.Week(Zone, now),
            _spend.Month(Zone, now),
            _overall,
            Of(_byProvider),
            Of(_byModel),
            Of(_byAgent),
            stale);

        ImmutableDictionary<string, Spend> Of(Dictionary<string, PeriodTotals> groups) => groups
            .Select(g => KeyValuePair.Create(g.Key, g.Value.In(month)))
            .Where(g => g.Value.Calls > 0)
            .ToImmutableDictionary(StringComparer.Ordinal);
    }

    /// <summary>What those who watch are told: without the groups, which take longer to gather.</summary>
    internal AccountChange Change(LedgerPosition position, bool stale, AccountChanges what)
    {
        var now = _clock.GetUtcNow();
        return new AccountChange(position, now, _spend.Day(Zone, now), _spend.Week(Zone, now), _spend.Month(Zone, now), stale, what);
    }

    private void Apply(in LedgerRow row)
    {
        var spend = new Spend(row.Event.Cost, 1);
        _overall += spend;
        _spend.Add(Zone, row.Hour, spend);
        Add(Zone.PeriodStart(CapPeriod.Monthly, row.Hour), row.Event.Provider, row.Event.Model, row.Event.Agent, spend);
    }

    private void Add(DateTimeOffset month, string provider, string model, string agent, Spend spend)
    {
        AddTo(_byProvider, provider);
        AddTo(_byModel, model);
        AddTo(_byAgent, agent);

        void AddTo(Dictionary<string, PeriodTotals> groups, string name)
        {
            if (name.Length > 0)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(groups, name, out _).Add(month, spend);
            }
        }
    }
}
