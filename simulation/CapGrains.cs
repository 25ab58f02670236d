using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Simulation.Engine;
using Orleans;

namespace LlmObserve.Simulation;

/// <summary>The caps' own grains, which live on another machine and outlive every activation of the account.</summary>
internal sealed class CapFollowersWorld(Database database)
{
    private readonly Dictionary<CapId, Follower> _followers = [];

    public Follower this[CapId cap] => _followers.TryGetValue(cap, out var follower) ? follower : _followers[cap] = new Follower(database);

    /// <summary>By the rules of <see cref="ICapGrain"/>.</summary>
    internal sealed class Follower(Database database)
    {
        private Dictionary<DateTimeOffset, Usd> _spent = [];
        private LedgerPosition _applied;

        public long Seq => _applied.Seq;

        public Usd Spent(DateTimeOffset from, DateTimeOffset to) => Usd.Sum(_spent.Where(hour => hour.Key >= from && hour.Key < to).Select(hour => hour.Value));

        public bool Apply(CapId cap, CapDelta delta)
        {
            if (delta.Epoch > _applied.Epoch || (delta.Epoch == _applied.Epoch && delta.PreviousSeq > _applied.Seq))
            {
                Reload(cap);
                if (new LedgerPosition(delta.Epoch, delta.Seq).IsAfter(_applied))
                {
                    throw new InvalidOperationException("the ledger is behind what it told");
                }
            }

            if (delta.Epoch == _applied.Epoch && delta.Seq > _applied.Seq)
            {
                foreach (var amount in delta.Amounts)
                {
                    _spent[amount.Hour] = _spent.GetValueOrDefault(amount.Hour) + amount.Amount;
                }

                _applied = _applied with { Seq = delta.Seq };
            }

            return true;
        }

        public bool Reload(CapId cap)
        {
            if (database.Caps.TryGetValue(cap, out var definition))
            {
                _spent = database.Rows
                    .Where(row => definition.Scope.Matches(row.Event.Labels))
                    .GroupBy(row => row.Hour)
                    .ToDictionary(hour => hour.Key, hour => Usd.Sum(hour.Select(row => row.Event.Cost)));
                _applied = new LedgerPosition(database.Epoch, database.Rows.Count);
            }

            return true;
        }
    }
}

/// <summary>How one activation reaches them.</summary>
internal sealed class CapGrains(Node node, Network network, CapFollowersWorld caps) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        CapId.TryParse(primaryKey, out var id) && new Reference(id, node, network, caps) is TGrainInterface grain
            ? grain
            : throw new NotSupportedException($"nothing here calls a {typeof(TGrainInterface).Name}");

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException("nobody observes here");

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException("nobody observes here");

    private sealed class Reference(CapId id, Node node, Network network, CapFollowersWorld caps) : ICapGrain
    {
        public Task ApplyAsync(CapDelta delta) =>
            network.SendAsync(node, $"tell cap of {delta.Epoch}:{delta.Seq}", () => caps[id].Apply(id, delta), _ => throw new TimeoutException());

        public Task ReloadAsync() => network.SendAsync(node, "reload cap", () => caps[id].Reload(id), _ => throw new TimeoutException());

        public Task<CapProgress> GetProgressAsync() => throw new NotSupportedException("nobody asks here");
    }
}
