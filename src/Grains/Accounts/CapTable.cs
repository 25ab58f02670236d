using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// The caps of one account and what is spent under each: the one place where a check is decided. Synchronous throughout; it lives inside
/// the account's activation.
/// </summary>
internal sealed class CapTable(AccountZone zone, TimeProvider clock)
{
    private readonly Dictionary<CapId, CapEntry> _entries = [];
    private readonly List<CapEntry> _touched = [];
    private CapIndex<CapEntry>? _index;
    private DateTimeOffset _latest;

    internal int Count => _entries.Count;

    internal IEnumerable<CapEntry> Entries => _entries.Values;

    // Disabled caps too: they go on counting, so that enabling one needs no look into the ledger.
    private CapIndex<CapEntry> Index => _index ??= CapIndex.Build(_entries.Values, static entry => entry.Cap.Scope);

    internal CapEntry? Find(CapId id) => _entries.GetValueOrDefault(id);

    internal CapEntry Add(Cap cap, long seq)
    {
        var entry = new CapEntry(cap, seq);
        _entries.Add(cap.Id, entry);
        _index = null;
        return entry;
    }

    internal void Remove(CapId id)
    {
        _entries.Remove(id);
        _index = null;
    }

    /// <summary>Decides a call with these labels: any matching hard cap that is used up denies it.</summary>
    internal CapCheck Check(in CallLabels labels, bool stale)
    {
        List<CapStanding>? denials = null;
        var now = Now();
        foreach (var entry in Index.Match(labels))
        {
            if (entry.Cap is { Enabled: true, Enforcement: CapEnforcement.HardBlock }
                && entry.Standing(now, zone) is { Denies: true } standing)
            {
                (denials ??= []).Add(standing);
            }
        }

        return denials is not null ? CapCheck.Denied(CapDecision.Of([.. denials]), stale)
            : stale ? CapCheck.FreeButStale
            : CapCheck.Free;
    }

    /// <summary>Counts the new rows of a commit. Answers the entries that it touched; the list is valid until the next call.</summary>
    internal List<CapEntry> Apply(ReadOnlySpan<LedgerRow> rows, ReadOnlySpan<bool> inserted)
    {
        _touched.Clear();
        if (_entries.Count == 0)
        {
            return _touched;
        }

        var now = Now();
        for (var i = 0; i < rows.Length; i++)
        {
            if (!inserted[i] || rows[i].Event.Cost == Usd.Zero)
            {
                continue;
            }

            foreach (var entry in Index.Match(rows[i].Event.Labels))
            {
                if (entry.Add(rows[i].Hour, rows[i].Event.Cost, now, zone))
                {
                    _touched.Add(entry);
                }
            }
        }

        return _touched;
    }

    /// <summary>Adds every cap that such a call counts in.</summary>
    internal void AddMatching(in CallLabels labels, HashSet<CapEntry> into)
    {
        foreach (var entry in Index.Match(labels))
        {
            into.Add(entry);
        }
    }

    internal CapState StateOf(CapEntry entry, bool stale)
    {
        var now = Now();
        var standing = entry.Standing(now, zone);
        return new CapState(
            entry.Cap,
            zone.PeriodStart(entry.Cap.Period, now),
            zone.PeriodEnd(entry.Cap.Period, now),
            standing.Spent,
            standing.Held,
            standing.IsExceeded ? standing.ExceededAt : null,
            stale);
    }

    /// <summary>A clock that steps back must not bring back a period whose total is gone: a full cap would look empty.</summary>
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return _latest = now > _latest ? now : _latest;
    }
}
