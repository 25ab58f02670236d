using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// The caps of one account and what is spent under each: the one place where a check is decided. Synchronous throughout; it lives inside
/// the account's activation.
/// </summary>
/// <param name="zone">The account's.</param>
/// <param name="clock">Decides which period runs.</param>
/// <param name="loadedAt">The table has totals of the periods that ran then and later, and of none before.</param>
internal sealed class CapTable(AccountZone zone, TimeProvider clock, DateTimeOffset loadedAt)
{
    private readonly Dictionary<CapId, CapEntry> _entries = [];
    private readonly List<CapEntry> _touched = [];
    private CapIndex<CapEntry>? _index;
    private DateTimeOffset _latest = loadedAt;

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

    /// <summary>
    /// Decides a call that may cost <paramref name="amount"/>; zero asks whether there is room at all. Every matching hard cap that has too
    /// little room denies it, and says so.
    /// </summary>
    internal CapDecision Decide(
        in CallLabels labels, Usd amount, bool unpriced, AccountSettings settings, Func<CapHolds, Usd, TimeSpan> retryAfter)
    {
        ImmutableArray<CapDenial>.Builder? denials = null;
        var now = Now();
        var deniesUnpriced = unpriced && settings.DeniesUnpriced;
        foreach (var entry in Index.Match(labels))
        {
            if (!entry.CanDeny)
            {
                continue;
            }

            var standing = entry.Standing(now, zone);
            if ((deniesUnpriced ? DenialKind.Unpriced : standing.Denial(amount, settings.MaxHoldShare)) is { } kind)
            {
                var available = standing.Available(settings.MaxHoldShare);
                var missing = new Usd(Math.Max(1, amount.Nanos - available.Nanos));
                (denials ??= ImmutableArray.CreateBuilder<CapDenial>()).Add(
                    new CapDenial(standing, kind, available, kind == DenialKind.Held ? retryAfter(entry.Holds, missing) : null));
            }
        }

        return denials is null ? CapDecision.Allow : CapDecision.Of(denials.ToImmutable());
    }

    /// <summary>The caps that a call with these labels counts in.</summary>
    internal CapMatches<CapEntry> Match(in CallLabels labels) => Index.Match(labels);

    internal CapStanding StandingOf(CapEntry entry) => entry.Standing(Now(), zone);

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
            entry.Overrun(zone.PeriodStart(entry.Cap.Period, now)),
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
