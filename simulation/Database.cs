using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Simulation;

/// <summary>One account's rows: what PostgreSQL holds, and what each statement does to it in one step.</summary>
internal sealed class Database(AccountId account, PlantedFault fault)
{
    private readonly Dictionary<(Guid Activation, CapId Cap), CapCeiling> _ceilings = [];
    private readonly Dictionary<(Guid Activation, CapId Cap), long> _revisions = [];
    private readonly Dictionary<(CapId Cap, DateTimeOffset PeriodStart), Usd> _overruns = [];
    private List<StoredHold> _leftHolds = [];

    public long Epoch { get; private set; }

    /// <summary>The ledger, in its order: the sequence of a row is its place, from one.</summary>
    public List<LedgerRow> Rows { get; } = [];

    public Dictionary<CapId, Cap> Caps { get; } = [];

    public string UnpricedPolicy { get; set; } = "allow";

    public decimal MaxHoldShare { get; set; } = 1m;

    /// <summary>Ceilings and left holds: what is to be gone when all is over.</summary>
    public int HoldRows => _ceilings.Count + _leftHolds.Count;

    /// <summary>What an activation may hold of a cap, as the database has it; nothing where there is no row.</summary>
    public CapCeiling CeilingOf(Guid activation, CapId cap) => _ceilings.GetValueOrDefault((activation, cap));

    public LedgerHead Head => new(Epoch, Rows.Count, Usd.Sum(Rows.Select(row => row.Event.Cost)), Rows.Count);

    public LedgerHead TakeEpoch()
    {
        Epoch++;
        return Head;
    }

    public AppendResult Append(LedgerAppend append)
    {
        if (append.Account != account)
        {
            throw new InvalidOperationException("another account's batch");
        }

        if ((append.Epoch != Epoch || append.ExpectedSeq != Rows.Count) && fault != PlantedFault.AppendsWithoutFence)
        {
            return new AppendResult(AppendOutcome.Fenced, 0, []);
        }

        var inserted = append.Rows.Select(row => Rows.TrueForAll(there => there.Event.Id != row.Event.Id)).ToImmutableArray();
        for (var i = 0; i < inserted.Length; i++)
        {
            if ((inserted[i] && fault != PlantedFault.LosesCommits) || fault == PlantedFault.WritesTwice)
            {
                Rows.Add(append.Rows[i]);
                foreach (var overrun in append.Rows[i].Hold?.Overruns ?? [])
                {
                    var key = (overrun.Cap, overrun.PeriodStart);
                    _overruns[key] = _overruns.GetValueOrDefault(key) + overrun.Amount;
                }
            }
        }

        return new AppendResult(
            AppendOutcome.Committed, Rows.Count, fault == PlantedFault.AppliesTwice ? [.. inserted.Select(_ => true)] : inserted);
    }

    public Usd Sum(CapScope scope, DateTimeOffset from, DateTimeOffset? to, long throughSeq = long.MaxValue)
    {
        var sum = Usd.Zero;
        for (var i = 0; i < Rows.Count && i < throughSeq; i++)
        {
            if (Rows[i].Hour >= from && (to is null || Rows[i].Hour < to) && scope.Matches(Rows[i].Event.Labels))
            {
                sum += Rows[i].Event.Cost;
            }
        }

        return sum;
    }

    public bool Write(long epoch, Action write)
    {
        if (epoch != Epoch)
        {
            return false;
        }

        write();
        return true;
    }

    public LoadedHolds LoadHolds(Guid activation, DateTimeOffset now) => new(
        fault == PlantedFault.ForgetsCeilings
            ? []
            : [.. _ceilings.Where(row => row.Key.Activation != activation && row.Value.Until > now).Select(row => row.Value)],
        [.. _leftHolds]);

    public bool WriteCeilings(long epoch, Guid activation, IEnumerable<CapCeiling> ceilings, DateTimeOffset now, long revision)
    {
        if (epoch != Epoch && fault != PlantedFault.CeilingsWithoutFence)
        {
            return false;
        }

        foreach (var over in _ceilings.Where(row => row.Key.Activation != activation && row.Value.Until < now).Select(row => row.Key).ToList())
        {
            _ceilings.Remove(over);
        }

        foreach (var ceiling in fault == PlantedFault.WritesNoCeilings ? [] : ceilings)
        {
            var key = (activation, ceiling.Cap);
            if (_ceilings.ContainsKey(key) && _revisions[key] > revision)
            {
                // A later write came first.
                continue;
            }

            _revisions[key] = revision;
            if (ceiling.Amount == Usd.Zero || !Caps.ContainsKey(ceiling.Cap))
            {
                _ceilings.Remove((activation, ceiling.Cap));
            }
            else
            {
                _ceilings[(activation, ceiling.Cap)] = fault == PlantedFault.ShortensCeilings ? ceiling with { Until = now + ((ceiling.Until - now) / 2) } : ceiling;
            }
        }

        return true;
    }

    public bool AdoptHolds(long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, long revision) => Write(epoch, () =>
    {
        _leftHolds = [];
        foreach (var ceiling in ceilings.Where(ceiling => Caps.ContainsKey(ceiling.Cap)))
        {
            _revisions[(activation, ceiling.Cap)] = revision;
            _ceilings[(activation, ceiling.Cap)] = ceiling;
        }
    });

    public bool StoreHolds(long epoch, Guid activation, IReadOnlyCollection<StoredHold> holds) => Write(epoch, () =>
    {
        _leftHolds.AddRange(fault == PlantedFault.LosesLeftHolds ? [] : holds);
        foreach (var own in _ceilings.Keys.Where(key => key.Activation == activation).ToList())
        {
            _ceilings.Remove(own);
        }
    });

    public bool DeleteCap(long epoch, CapId cap) => epoch == Epoch && Caps.Remove(cap) && Write(epoch, () =>
    {
        foreach (var key in _ceilings.Keys.Where(key => key.Cap == cap).ToList())
        {
            _ceilings.Remove(key);
        }
    });

    public IReadOnlyList<StoredOverrun> Overruns(DateTimeOffset since) =>
        [.. _overruns.Where(row => row.Key.PeriodStart >= since).Select(row => new StoredOverrun(row.Key.Cap, row.Key.PeriodStart, row.Value))];
}
