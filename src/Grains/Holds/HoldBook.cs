using System.Diagnostics.CodeAnalysis;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Grains.Holds;

/// <summary>The holds of one account: the open ones by their expiry, and those that ended lately.</summary>
internal sealed class HoldBook
{
    private static readonly Comparer<Hold> ByExpiry = Comparer<Hold>.Create(static (a, b) =>
        a.ExpiresAt != b.ExpiresAt ? a.ExpiresAt.CompareTo(b.ExpiresAt) : a.Id.Value.CompareTo(b.Id.Value));

    private static readonly Comparer<Hold> ByDeadline = Comparer<Hold>.Create(static (a, b) =>
        a.Deadline != b.Deadline ? a.Deadline.CompareTo(b.Deadline) : a.Id.Value.CompareTo(b.Id.Value));

    private readonly Dictionary<HoldId, Hold> _known = [];
    private readonly Dictionary<string, Hold> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<Hold> _byExpiry = new(ByExpiry);
    private readonly SortedSet<Hold> _byDeadline = new(ByDeadline);
    private readonly Queue<(Hold Hold, TimeSpan At)> _ended = new();

    // No open hold expires sooner. The holds that set them may have ended since; the next look that they do not answer finds out.
    private DateTimeOffset _soonestExpiry = DateTimeOffset.MaxValue;
    private TimeSpan _soonestDeadline = TimeSpan.MaxValue;

    /// <summary>Open holds, by what the wall clock shows when they expire, and their ids.</summary>
    internal IReadOnlyCollection<Hold> Open => _byExpiry;

    /// <summary>The sum of all open ones.</summary>
    internal Usd Held { get; private set; }

    internal bool TryFind(HoldId id, [NotNullWhen(true)] out Hold? hold) => _known.TryGetValue(id, out hold);

    internal bool TryFindKey(string key, [NotNullWhen(true)] out Hold? hold) => _byKey.TryGetValue(key, out hold);

    internal void Add(Hold hold)
    {
        _known.Add(hold.Id, hold);
        Queue(hold);
        Held += hold.Amount;
        if (hold.Key is not null)
        {
            _byKey[hold.Key] = hold;
        }
    }

    internal void Extend(Hold hold, DateTimeOffset expiresAt, TimeSpan deadline)
    {
        _byExpiry.Remove(hold);
        _byDeadline.Remove(hold);
        (hold.ExpiresAt, hold.Deadline) = (expiresAt, deadline);
        Queue(hold);
    }

    /// <summary>Takes a hold out of the open ones and remembers for a while how it ended.</summary>
    internal void End(Hold hold, HoldStatus status, HoldTime now)
    {
        _byExpiry.Remove(hold);
        _byDeadline.Remove(hold);
        Held -= hold.Amount;
        (hold.Status, hold.EndedAt) = (status, now.Wall);
        _ended.Enqueue((hold, now.Passed));
        while (_ended.Count > HoldLimits.MaxEnded || (_ended.TryPeek(out var oldest) && oldest.At + HoldLimits.EndedFor <= now.Passed))
        {
            Forget(_ended.Dequeue().Hold);
        }
    }

    /// <summary>Open holds whose time is over; not those whose event is on its way to the ledger.</summary>
    internal HashSet<Hold> Expired(HoldTime now)
    {
        HashSet<Hold> expired = [.. _byExpiry.TakeWhile(hold => hold.ExpiresAt <= now.Wall), .. _byDeadline.TakeWhile(hold => hold.Deadline <= now.Passed)];
        expired.RemoveWhere(static hold => hold.InFlight > 0);
        return expired;
    }

    /// <summary>Whether <see cref="Expired"/> may have any.</summary>
    internal bool MayHaveExpired(HoldTime now)
    {
        // Asked by every check: the way down two trees of all open holds is a long one.
        if (now.Wall < _soonestExpiry && now.Passed < _soonestDeadline)
        {
            return false;
        }

        (_soonestExpiry, _soonestDeadline) = _byExpiry.Count == 0
            ? (DateTimeOffset.MaxValue, TimeSpan.MaxValue)
            : (_byExpiry.Min!.ExpiresAt, _byDeadline.Min!.Deadline);
        return now.Wall >= _soonestExpiry || now.Passed >= _soonestDeadline;
    }

    private void Queue(Hold hold)
    {
        _byExpiry.Add(hold);
        _byDeadline.Add(hold);
        _soonestExpiry = hold.ExpiresAt < _soonestExpiry ? hold.ExpiresAt : _soonestExpiry;
        _soonestDeadline = hold.Deadline < _soonestDeadline ? hold.Deadline : _soonestDeadline;
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
