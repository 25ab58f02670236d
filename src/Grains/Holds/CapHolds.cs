using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Grains.Holds;

/// <summary>
/// What is held of one cap: by the open holds of this activation, and by what earlier ones may have granted; and the durable ceiling that
/// bounds the former. Lives as long as the activation, through every reload of totals.
/// </summary>
internal sealed class CapHolds(CapId cap)
{
    /// <summary>Entries of <see cref="_freed"/>; beyond, the older ones are counted as younger, which only waits for a later proof.</summary>
    private const int MaxFreed = 8;

    private readonly List<(long Stamp, Usd Amount)> _freed = [];
    private readonly List<(Usd Amount, TimeSpan Until)> _guards = [];
    private Usd _ceiling;
    private DateTimeOffset _until;

    internal CapId Cap { get; } = cap;

    /// <summary>By open holds.</summary>
    internal Usd Held { get; private set; }

    /// <summary>By ceilings of earlier activations whose time is not over.</summary>
    internal Usd Guarded { get; private set; }

    /// <summary>Within the range of money: on a cap that only alerts nothing bounds what is held.</summary>
    internal Usd Total => new((long)Int128.Min((Int128)Held.Nanos + Guarded.Nanos, long.MaxValue));

    /// <summary>No open hold lasts longer, by the wall clock.</summary>
    internal DateTimeOffset LatestExpiry { get; private set; }

    /// <summary>In time passed, as guards are.</summary>
    internal TimeSpan LastGrant { get; private set; }

    /// <summary>Whether the database may hold a ceiling of this activation.</summary>
    internal bool MayBeWritten { get; private set; }

    /// <summary>What may be held at most without another write.</summary>
    internal Usd Ceiling => _ceiling;

    internal DateTimeOffset Until => _until;

    internal void Add(Usd amount, DateTimeOffset expiry, TimeSpan now)
    {
        Held += amount;
        LastGrant = now;
        Reach(amount, expiry);
    }

    /// <summary>A hold lasts until then. One of nothing needs no ceiling.</summary>
    internal void Reach(Usd amount, DateTimeOffset expiry) =>
        LatestExpiry = amount > Usd.Zero && expiry > LatestExpiry ? expiry : LatestExpiry;

    /// <summary>Takes a hold out. <paramref name="freed"/> is the mark of room that a proof has to come after; null where a commit is the proof.</summary>
    internal void Remove(Usd amount, long? freed)
    {
        Held -= amount;
        if (freed is { } stamp && amount > Usd.Zero)
        {
            Free(stamp, amount);
        }
    }

    /// <summary>Begins anew, before the open holds are added again.</summary>
    internal void Clear()
    {
        (Held, LatestExpiry) = (Usd.Zero, default);
    }

    /// <summary>Before every open hold says again how long it lasts.</summary>
    internal void ForgetExpiry() => LatestExpiry = default;

    /// <summary>What the durable ceilings of earlier activations add up to from now on.</summary>
    internal void Guard(Usd amount, TimeSpan until)
    {
        _guards.Add((amount, until));
        Guarded += amount;
    }

    internal void ClearGuards()
    {
        _guards.Clear();
        Guarded = Usd.Zero;
    }

    /// <summary>Lets go of what no earlier hold can reach any more; when the next is due, or null.</summary>
    internal TimeSpan? LiftGuards(TimeSpan now)
    {
        TimeSpan? next = null;
        for (var i = _guards.Count - 1; i >= 0; i--)
        {
            var (amount, until) = _guards[i];
            if (until <= now)
            {
                Guarded -= amount;
                _guards.RemoveAt(i);
            }
            else if (next is null || until < next)
            {
                next = until;
            }
        }

        return next;
    }

    /// <summary>When the first of the guards is lifted; null where there is none.</summary>
    internal TimeSpan? FirstGuardEnds() => _guards.Count == 0 ? null : _guards.Min(static guard => guard.Until);

    /// <summary>
    /// Whether a hold of this amount and expiry needs no write: it stays within what is durable, whatever became of writes with unknown
    /// outcome, and takes no room that was given back and not proven since.
    /// </summary>
    internal bool Covers(Usd amount, DateTimeOffset expiry, Usd headroom, Proofs proofs) =>
        Unproven(proofs) + amount <= headroom && Covers(amount, expiry, proofs);

    /// <summary>Whether so much more, until then, stays within what is durable.</summary>
    internal bool Covers(Usd amount, DateTimeOffset expiry, Proofs proofs) =>
        Held + Unproven(proofs) + amount <= _ceiling && expiry <= _until;

    /// <summary>Whether all that is held now stays within what is durable.</summary>
    internal bool IsCovered(Proofs proofs) => Held == Usd.Zero || Covers(Usd.Zero, LatestExpiry, proofs);

    /// <summary>A write of this ceiling begins: until its outcome is known, the lesser of the two holds.</summary>
    internal void WriteBegins(Usd ceiling, DateTimeOffset until)
    {
        (_ceiling, _until) = (Usd.Min(_ceiling, ceiling), until < _until ? until : _until);
        MayBeWritten |= ceiling > Usd.Zero;
    }

    internal void WriteSucceeded(Usd ceiling, DateTimeOffset until)
    {
        (_ceiling, _until) = (ceiling, until);
        MayBeWritten = ceiling > Usd.Zero;
    }

    private void Free(long stamp, Usd amount)
    {
        if (_freed.Count > 0 && _freed[^1].Stamp == stamp)
        {
            _freed[^1] = (stamp, _freed[^1].Amount + amount);
            return;
        }

        if (_freed.Count == MaxFreed)
        {
            _freed[1] = (_freed[1].Stamp, _freed[0].Amount + _freed[1].Amount);
            _freed.RemoveAt(0);
        }

        _freed.Add((stamp, amount));
    }

    private Usd Unproven(Proofs proofs)
    {
        _freed.RemoveAll(freed => proofs.Covers(freed.Stamp));
        var sum = Usd.Zero;
        foreach (var (_, amount) in _freed)
        {
            sum += amount;
        }

        return sum;
    }
}
