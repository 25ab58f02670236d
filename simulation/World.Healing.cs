using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>The end of a run: nothing fails any more and callers stop. After the time of the holds everything is free again.</summary>
internal sealed partial class World
{
    /// <summary>Above any number of steps that a healthy world needs to come to rest.</summary>
    private const int MaxStepsToRest = 50_000;

    private void Heal()
    {
        Trace("all heals");
        _outage = false;
        Rest();

        // A newcomer, and whoever lived on without knowing dies.
        Activate();
        Rest();
        var node = _nodes[^1];
        foreach (var old in _nodes.Where(old => old != node).ToList())
        {
            Kill(old);
        }

        Observe();
        if (!node.TakesCalls)
        {
            throw new SimulationFailedException("nothing fails, and the account does not open");
        }

        // Longer than any hold and its tenth, and than the wall clock was ever set back.
        Clock.Pass(TimeSpan.FromMinutes(30));
        for (var i = 0; i < 15; i++)
        {
            Clock.Pass(TimeSpan.FromSeconds(1));
            node.Tick();
            Rest();
        }

        CheckFree(node);
        foreach (var cap in Database.Caps.Values.ToList())
        {
            CheckGranted(node, cap);
        }
    }

    private void Rest()
    {
        for (var steps = 0; _nodes.Exists(node => node.HasTurns) || Network.Count > 0; steps++)
        {
            if (steps == MaxStepsToRest)
            {
                throw new SimulationFailedException("nothing fails, and the world does not come to rest");
            }

            if (_nodes.Find(node => node.HasTurns) is { } busy)
            {
                busy.RunTurn();
            }
            else
            {
                var message = Network[0];
                if (!message.IsDone)
                {
                    message.Do();
                }

                Network.Remove(message);
                if (!message.GivenUp)
                {
                    message.Deliver();
                }
            }

            Observe();
        }
    }

    private static void CheckFree(Node node)
    {
        foreach (var entry in node.Account.Memory.Caps.Entries)
        {
            node.Account.Holds.Sweep();
            if (node.Account.Memory.Caps.StandingOf(entry).Held is var held && held != Usd.Zero)
            {
                throw new SimulationFailedException($"{held} of the cap on {entry.Cap.Scope} are held for ever");
            }
        }
    }

    /// <summary>A call that fits every cap that it matches is never denied.</summary>
    private void CheckGranted(Node node, Cap cap)
    {
        var labels = new CallLabels(
            cap.Scope.Type == CapType.Provider ? cap.Scope.Target : "other",
            cap.Scope.Type == CapType.Model ? cap.Scope.Target : "other",
            cap.Scope.Type == CapType.Agent ? cap.Scope.Target : "other",
            cap.Scope.Type == CapType.Customer ? cap.Scope.Target : "other");
        var matching = node.Account.Memory.Caps.Match(labels).ToArray().Where(entry => entry.CanDeny).ToList();
        var amount = matching.Count == 0 ? Usd.FromDollars(1) : new Usd(matching.Min(entry => node.Account.Memory.Caps.StandingOf(entry).Headroom.Nanos));
        if (amount <= Usd.Zero)
        {
            return;
        }

        var request = new HoldRequest { Id = new HoldId(NewGuid()), Labels = labels, Amount = amount, Time = TimeSpan.FromSeconds(10) };
        var asked = node.Call(account => account.Holds.HoldAsync(request));
        Rest();
        if (!asked.IsCompletedSuccessfully || asked.Result.Kind != HoldAnswerKind.Granted)
        {
            throw new SimulationFailedException(
                $"{amount} fit the cap on {cap.Scope} and are not granted: {(asked.IsCompletedSuccessfully ? asked.Result : asked.Status)}");
        }

        node.Account.Holds.Release(request.Id);
    }
}
