using System.Diagnostics.CodeAnalysis;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Grains.Holds;

/// <summary>The holds of one account: the open ones by their expiry, and those that ended lately.</summary>
internal sealed class HoldBook
{
    private static readonly Comparer<Hold> ByExpiry = Comparer<Hold>.Create(static (a, b) =>
        a.Expiry != b.Expiry ? a.Expiry.CompareTo(b.Expiry) : a.Id.Value.CompareTo(b.Id.Value));

    private readonly Dictionary<HoldId, Hold> _known = [];
    private readonly Dictionary<string, Hold> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<Hold> _open = new(ByExpiry);
    private readonly Queue<(Hold Hold, DateTimeOffset At)> _ended = new();

    /// <summary>Open holds, those that expire first first.</summary>
    internal IReadOnlyCollection<Hold> Open => _open;

    /// <summary>The sum of all open ones.</summary>
    internal Usd Held { get; private set; }

    internal bool TryFind(HoldId id, [NotNullWhen(true)] out Hold? hold) => _known.TryGetValue(id, out hold);

    internal bool TryFindKey(string key, [NotNullWhen(true)] out Hold? hold) => _byKey.TryGetValue(key, out hold);

    internal void Add(Hold hold)
    {
        _known.Add(hold.Id, hold);
        _open.Add(hold);
        Held += hold.Amount;
        if (hold.Key is not null)
        {
            _byKey[hold.Key] = hold;
        }
    }

    internal void Extend(Hold hold, DateTimeOffset expiry, DateTimeOffset expiresAt)
    {
        _open.Remove(hold);
        (hold.Expiry, hold.ExpiresAt) = (expiry, expiresAt);
        _open.Add(hold);
    }

    /// <summary>Takes a hold out of the open ones and remembers for a while how it ended.</summary>
    internal void End(Hold hold, HoldStatus status, DateTimeOffset now, DateTimeOffset wall)
    {
        _open.Remove(hold);
        Held -= hold.Amount;
        (hold.Status, hold.EndedAt, hold.Caps) = (status, wall, []);
        _ended.Enqueue((hold, now));
        while (_ended.Count > HoldLimits.MaxEnded || (_ended.TryPeek(out var oldest) && oldest.At + HoldLimits.EndedFor <= now))
        {
            Forget(_ended.Dequeue().Hold);
        }
    }

    /// <summary>Open holds whose time is over; not those whose event is on its way to the ledger.</summary>
    internal List<Hold> Expired(DateTimeOffset now)
    {
        List<Hold> expired = [];
        foreach (var hold in _open)
        {
            if (hold.Expiry > now)
            {
                break;
            }

            if (hold.InFlight == 0)
            {
                expired.Add(hold);
            }
        }

        return expired;
    }

    private void Forget(Hold hold)
    {
        _known.Remove(hold.Id);
        if (hold.Key is not null && _byKey.TryGetValue(hold.Key, out var latest) && latest == hold)
        {
            _byKey.Remove(hold.Key);
        }
    }
}
