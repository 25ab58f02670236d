using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>Callers who also change caps and settings, while holds are out.</summary>
internal sealed partial class Client
{
    private Pending<CapAnswer>? _change;

    private void ChangeCaps(Node node)
    {
        if (_change is not null)
        {
            return;
        }

        var caps = node.Account.Memory.Caps.Entries.Select(entry => entry.Cap).ToList();
        if (caps.Count == 0 || (caps.Count < 8 && _random.Next(4) == 0))
        {
            var made = world.NewCap();
            world.Trace($"client {number} makes a cap of {made.Limit} on {made.Scope}");
            _change = new(node, node.Call(account => account.CreateCapAsync(made, Actor.System)), TimeSpan.Zero);
            return;
        }

        var cap = caps[_random.Next(caps.Count)];
        if (_random.Next(8) == 0)
        {
            world.Trace($"client {number} removes the cap on {cap.Scope}");
            _change = new(node, node.Call(account => account.DeleteCapAsync(cap.Id, Actor.System)), TimeSpan.Zero);
            return;
        }

        var change = _random.Next(3) switch
        {
            0 => new CapChange { Limit = new Usd(_random.Next(20, 120) * 10_000_000L) },
            1 => new CapChange { Enforcement = cap.Enforcement == CapEnforcement.Alert ? CapEnforcement.HardBlock : CapEnforcement.Alert },
            _ => new CapChange { Enabled = !cap.Enabled },
        };
        world.Trace($"client {number} changes the cap on {cap.Scope}: {change}");
        _change = new(node, node.Call(account => account.ChangeCapAsync(cap.Id, change, Actor.System)), TimeSpan.Zero);
    }

    private void ObserveChange()
    {
        if (_change is not { IsOver: true } change)
        {
            return;
        }

        _change = null;
        if (change.Answer is { Kind: CapAnswerKind.Done, State: { } state })
        {
            // From now on a crash must not forget what is held of it.
            world.Bind(change.Node, state.Cap);
        }
    }
}
