using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>
/// The reference: every hold that was ever granted, by whomever, and whether its caller may still spend it. No ceiling, no epoch, no crash: a
/// hold ends when an event settles it, when it is given back, or when its time is over.
/// </summary>
internal sealed class Exposure(WorldClock clock)
{
    private readonly Dictionary<HoldId, Granted> _holds = [];

    public IEnumerable<Granted> Holds => _holds.Values;

    public Granted? Find(HoldId id) => _holds.GetValueOrDefault(id);

    /// <summary>A hold was granted, granted anew by one that did not know it, or extended; false where this only repeats what was said.</summary>
    public bool Grant(HoldState state, TimeSpan time, bool isExtension, Node by)
    {
        var isKnown = _holds.TryGetValue(state.Id, out var hold);
        hold ??= _holds[state.Id] = new Granted(state.Id, state.Labels, state.Amount);
        if (hold.By != by)
        {
            hold.KnownTo(by);
        }

        if (isKnown && !isExtension && hold.GrantedAt == state.GrantedAt)
        {
            return false;
        }

        hold.GrantedAt = state.GrantedAt;
        hold.Ends = hold.Ends > clock.Passed + time ? hold.Ends : clock.Passed + time;
        hold.EndsByWall = hold.EndsByWall > clock.Wall + time ? hold.EndsByWall : clock.Wall + time;
        return !isKnown;
    }

    /// <summary>By what really passed, or by the wall clock: whichever is first. A clock that is set back afterwards revives nothing.</summary>
    public void TimePassed()
    {
        foreach (var hold in _holds.Values.Where(hold => hold.Ends <= clock.Passed || hold.EndsByWall <= clock.Wall))
        {
            hold.IsOver = true;
        }
    }

    /// <summary>What callers may still spend in this scope.</summary>
    public Usd Of(CapScope scope, Func<Granted, bool> counts) => Usd.Sum(
        _holds.Values.Where(hold => !hold.IsOver && scope.Matches(hold.Labels) && counts(hold)).Select(hold => hold.Amount));

    internal sealed class Granted(HoldId id, CallLabels labels, Usd amount)
    {
        public HoldId Id { get; } = id;

        public CallLabels Labels { get; } = labels;

        public Usd Amount { get; } = amount;

        /// <summary>The activation that has it in memory.</summary>
        public Node? By { get; private set; }

        /// <summary>Caps that could deny when an activation took it on: a crash must not forget it there.</summary>
        public HashSet<CapId> BoundBy { get; } = [];

        public DateTimeOffset GrantedAt { get; set; }

        public TimeSpan Ends { get; set; }

        public DateTimeOffset EndsByWall { get; set; }

        public bool IsOver { get; set; }

        /// <summary>The place in the ledger of the event that settled it; 0 while there is none.</summary>
        public long SettledSeq { get; set; }

        /// <summary>A cap that can deny from now on must not be forgotten either; one that cannot any more may be.</summary>
        public void BindTo(Cap cap)
        {
            if (cap is { Enabled: true, Enforcement: CapEnforcement.HardBlock } && cap.Scope.Matches(Labels))
            {
                BoundBy.Add(cap.Id);
            }
            else
            {
                BoundBy.Remove(cap.Id);
            }
        }

        public void KnownTo(Node node)
        {
            By = node;
            BoundBy.UnionWith(node.Account.Memory.Caps.Entries
                .Where(entry => entry.CanDeny && entry.Cap.Scope.Matches(Labels)).Select(entry => entry.Cap.Id));
        }
    }
}
