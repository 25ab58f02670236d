using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>The promises, looked at after every step.</summary>
internal sealed partial class World
{
    private static readonly AccountZone s_zone = AccountZone.Utc;

    private int _rowsSeen;

    /// <summary>A grant was made: what its caps stood at then, as the activation that owns the account has it.</summary>
    public void CheckGrant(Node node, CallLabels labels)
    {
        if (node.Account.Position.Epoch != Database.Epoch)
        {
            // Another owns the account by now: what this one grants counts there already, as a ceiling.
            return;
        }

        foreach (var entry in node.Account.Memory.Caps.Entries.Where(entry => entry.CanDeny && entry.Cap.Scope.Matches(labels)))
        {
            var spent = node.Account.Memory.Caps.StandingOf(entry).Spent;
            var held = Exposure.Of(entry.Cap.Scope, hold => (hold.SettledSeq == 0 || hold.SettledSeq > node.Account.Position.Seq)
                && (hold.By == node || hold.BoundBy.Contains(entry.Cap.Id)));
            if (spent + held > entry.Cap.Limit)
            {
                foreach (var hold in Exposure.Holds.Where(hold => !hold.IsOver && hold.SettledSeq == 0))
                {
                    Trace($"may be spent: {hold.Id} {hold.Amount}, ends {hold.Ends} / {hold.EndsByWall:HH:mm:ss.fff}, passed {Clock.Passed}, {(node.Account.Holds.Find(hold.Id) is { } known ? known.Status : "unknown to " + node)}");
                }

                throw new SimulationFailedException(
                    $"a hold was granted by {node} with {spent} spent and {held} held under the {entry.Cap.Period} cap of {entry.Cap.Limit} on {entry.Cap.Scope}");
            }
        }
    }

    /// <summary>An acknowledged event is in the ledger, and every cap that it counts in holds it, in the account and in its own grain.</summary>
    public void CheckAcknowledged(Node node, EventBatch batch)
    {
        var told = batch.Events[0];
        var seq = Database.Rows.FindIndex(row => row.Event.Id == told.Id) + 1;
        if (seq == 0)
        {
            throw new SimulationFailedException($"event {told.Id} was acknowledged by {node} and is not in the ledger");
        }

        foreach (var cap in Database.Caps.Values.Where(cap => told.Cost > Usd.Zero && cap.Scope.Matches(told.Labels)))
        {
            var follower = Caps[cap.Id];
            var start = s_zone.PeriodStart(cap.Period, told.OccurredAt);
            var end = s_zone.PeriodEnd(cap.Period, told.OccurredAt);
            var sum = Database.Sum(cap.Scope, start, end, follower.Seq);
            if (node.Account.Memory.Caps.Find(cap.Id) is not null && (follower.Seq < seq || follower.Spent(start, end) != sum))
            {
                throw new SimulationFailedException(
                    $"event {told.Id} (sequence {seq}) was acknowledged; the cap on {cap.Scope} is at {follower.Seq} with {follower.Spent(start, end)}, the ledger has {sum}");
            }
        }
    }

    private void Check()
    {
        SeeNewRows();
        if (Scenario.Strict)
        {
            CheckBound();
        }

        foreach (var node in _nodes.Where(node => node.IsOpen))
        {
            CheckTotals(node);
            CheckCeilings(node);
        }
    }

    /// <summary>Each id once; each hold settled at most once.</summary>
    private void SeeNewRows()
    {
        for (; _rowsSeen < Database.Rows.Count; _rowsSeen++)
        {
            var row = Database.Rows[_rowsSeen].Event;
            if (Database.Rows.FindIndex(other => other.Event.Id == row.Id) != _rowsSeen)
            {
                throw new SimulationFailedException($"event {row.Id} is in the ledger twice");
            }

            if (row.HoldId is { } text && Domain.Holds.HoldId.TryParse(text, out var id) && Exposure.Find(id) is { } hold)
            {
                hold.SettledSeq = _rowsSeen + 1;
            }
        }
    }

    /// <summary>What is spent and what may still be spent never pass a limit, whoever granted it.</summary>
    private void CheckBound()
    {
        foreach (var cap in Database.Caps.Values)
        {
            var spent = Database.Sum(cap.Scope, s_zone.PeriodStart(cap.Period, Clock.Wall), null);
            var held = Exposure.Of(cap.Scope, static hold => hold.SettledSeq == 0);
            if (spent + held > cap.Limit)
            {
                throw new SimulationFailedException($"{spent} spent and {held} held of the {cap.Period} cap of {cap.Limit} on {cap.Scope}");
            }
        }
    }

    /// <summary>What the owner of the account holds is durable before anybody is told, in every cap that must not forget it.</summary>
    private void CheckCeilings(Node node)
    {
        if (node.Account.Position.Epoch != Database.Epoch || node.IsLeaving)
        {
            return;
        }

        foreach (var entry in node.Account.Memory.Caps.Entries.Where(entry => entry.CanDeny && Database.Caps.ContainsKey(entry.Cap.Id)))
        {
            var bound = node.Account.Holds.Open.Where(hold => hold.Amount > Usd.Zero && hold.InFlight == 0
                && Exposure.Find(hold.Id) is { } told && told.By == node && told.BoundBy.Contains(entry.Cap.Id)).ToList();
            var (held, until) = (Usd.Sum(bound.Select(hold => hold.Amount)), bound.Count == 0 ? default : bound.Max(hold => hold.ExpiresAt));
            var ceiling = Database.CeilingOf(node.Account.Holds.Activation, entry.Cap.Id);
            if (held > ceiling.Amount || until > ceiling.Until)
            {
                throw new SimulationFailedException(
                    $"{node} holds {held} until {until:HH:mm:ss.fff} of the cap on {entry.Cap.Scope}; its ceiling is {ceiling.Amount} until {ceiling.Until:HH:mm:ss.fff}");
            }
        }
    }

    /// <summary>Every total in memory is the ledger's own sum as far as this activation has come, and what it holds is the sum of its holds.</summary>
    private void CheckTotals(Node node)
    {
        var account = node.Account;
        var holds = account.Holds.Open;
        foreach (var entry in account.Memory.Caps.Entries)
        {
            var standing = account.Memory.Caps.StandingOf(entry);
            var start = account.Memory.Caps.StateOf(entry, stale: false).PeriodStart;
            var sum = Database.Sum(entry.Cap.Scope, start, s_zone.PeriodEnd(entry.Cap.Period, start), account.Position.Seq);
            if (!account.Stale && standing.Spent != sum)
            {
                throw new SimulationFailedException(
                    $"{node} has {standing.Spent} spent of the {entry.Cap.Period} cap on {entry.Cap.Scope}; the ledger has {sum} up to {account.Position}");
            }

            var held = Usd.Sum(holds.Where(hold => entry.Cap.Scope.Matches(hold.Labels)).Select(hold => hold.Amount));
            if (entry.Holds.Held != held)
            {
                throw new SimulationFailedException($"{node} holds {entry.Holds.Held} of the cap on {entry.Cap.Scope}; its open holds are {held}");
            }
        }
    }
}
