using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>
/// One run: an account's real code on a simulated database, callers, and all that can go wrong, one step at a time in an order that the
/// seed decides. Nothing runs beside it, so the same seed is the same run.
/// </summary>
internal sealed partial class World
{
    /// <summary>How far machines' clocks differ: less than accounts allow for.</summary>
    private const int MaxAheadMs = 950;

    /// <summary>Chance in a thousand that a slow answer comes when it might.</summary>
    private const int SlowArrives = 10;

    private readonly Action<string>? _trace;
    private readonly List<Node> _nodes = [];
    private readonly List<Client> _clients = [];
    private readonly HashSet<Node> _known = [];
    private int _nodesMade;
    private bool _outage;

    public World(int seed, PlantedFault fault = PlantedFault.None, Action<string>? trace = null)
    {
        Random = new Random(seed);
        _trace = trace;
        Scenario = Scenario.Draw(Random);
        var hour = Random.Next(24);
        Clock = new WorldClock(new DateTimeOffset(2026, 3, 18, hour, Random.Next(60), 0, TimeSpan.Zero));
        Account = new AccountId(NewGuid());
        Database = new Database(Account, fault);
        Caps = new CapFollowersWorld(Database);
        Exposure = new Exposure(Clock);
        for (var i = Random.Next(1, 6); i > 0; i--)
        {
            AddCap(NewCap());
        }

        for (var i = 0; i < Scenario.Clients; i++)
        {
            _clients.Add(new Client(this, i));
        }

        Trace($"{Scenario}, {Database.Caps.Count} caps");
    }

    public Random Random { get; }

    public Scenario Scenario { get; }

    public WorldClock Clock { get; }

    public AccountId Account { get; }

    public Database Database { get; }

    public CapFollowersWorld Caps { get; }

    public Exposure Exposure { get; }

    public Network Network { get; } = new();

    public int Grants { get; set; }

    /// <summary>
    /// Where callers are sent: the latest activation that takes calls, or an older one that nobody told. Reports stray less: the first one
    /// that does tells it.
    /// </summary>
    public Node? Route(bool isReport)
    {
        var taking = _nodes.Where(node => node.TakesCalls).ToList();
        return taking.Count == 0 ? null : taking.Count > 1 && Chance(isReport ? Scenario.StrayReports : Scenario.Stray) ? taking[Random.Next(taking.Count - 1)] : taking[^1];
    }

    /// <summary>So many times in a thousand.</summary>
    public bool Chance(int perThousand) => Random.Next(1_000) < perThousand;

    public Guid NewGuid()
    {
        var bytes = new byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public void Trace(string what) => _trace?.Invoke($"{Clock.Wall:HH:mm:ss.fff} {what}");

    /// <summary>The whole run; throws <see cref="SimulationFailedException"/> where a promise is broken.</summary>
    public void Run()
    {
        for (var step = 0; step < Scenario.Steps; step++)
        {
            Step();
            Observe();
        }

        Heal();
    }

    public Cap NewCap()
    {
        var scope = Random.Next(5) switch
        {
            0 => new CapScope(CapType.Global, ""),
            1 => new CapScope(CapType.Provider, "openai"),
            2 => new CapScope(CapType.Model, $"model-{Random.Next(2)}"),
            3 => new CapScope(CapType.Agent, $"agent-{Random.Next(2)}"),
            _ => new CapScope(CapType.Customer, $"customer-{Random.Next(2)}"),
        };
        return new Cap
        {
            Id = new CapId(NewGuid()),
            Account = Account,
            Scope = scope,
            TargetName = scope.Target,
            Limit = new Usd(Random.Next(20, 120) * 10_000_000L),
            Period = (CapPeriod)Random.Next(3),
            Enforcement = Scenario.Strict || Random.Next(4) > 0 ? CapEnforcement.HardBlock : CapEnforcement.Alert,
            Thresholds = [1m],
            CreatedAt = Clock.Wall,
            UpdatedAt = Clock.Wall,
        };
    }

    private void AddCap(Cap cap) => Database.Caps.Add(cap.Id, cap);

    private void Step()
    {
        var busy = _nodes.Where(node => node.HasTurns).ToList();
        var dice = Random.Next(100);
        if (busy.Count > 0 && dice < 55)
        {
            busy[Random.Next(busy.Count)].RunTurn();
        }
        else if (Network.Count > 0 && dice < 80)
        {
            Move(Network[Random.Next(Network.Count)]);
        }
        else if (dice < 92)
        {
            _clients[Random.Next(_clients.Count)].Act();
        }
        else
        {
            Happen(busy.Count > 0);
        }
    }

    /// <summary>What is under way comes one step further, or is lost.</summary>
    private void Move(Network.Message message)
    {
        if (!message.IsDone)
        {
            if (!message.GivenUp && Chance(Scenario.Loss / 4))
            {
                Trace($"{message.From}: {message.Name}: given up");
                message.GiveUp();
            }
            else if (message.From.IsDead && Chance(500))
            {
                // Its connection broke with it.
                Network.Remove(message);
            }
            else if (!message.GivenUp && (_outage || Chance(Scenario.Loss / 2)))
            {
                Trace($"{message.From}: {message.Name}: refused");
                Network.Remove(message);
                message.Refuse();
            }
            else if (!_outage)
            {
                message.Do();
                message.IsSlow = Chance(Scenario.SlowAnswers);
                Trace($"{message.From}: {message.Name}: done{(message.GivenUp ? ", though given up" : "")}");
                if (message.GivenUp)
                {
                    Network.Remove(message);
                }
            }

            return;
        }

        if (message.IsSlow && !Chance(SlowArrives))
        {
            return;
        }

        Network.Remove(message);
        if (Chance(Scenario.Loss / 2) || (_outage && Chance(500)))
        {
            Trace($"{message.From}: {message.Name}: answer lost");
            message.Lose();
        }
        else
        {
            message.Deliver();
        }
    }

    private void Happen(bool anyBusy)
    {
        var alive = _nodes.Where(node => !node.IsDead).ToList();
        if (!alive.Exists(node => !node.IsLeaving) || Chance(Scenario.Zombies))
        {
            Activate();
        }
        else if (Chance(Scenario.Crashes))
        {
            Kill(alive[Random.Next(alive.Count)]);
        }
        else if (Chance(Scenario.Crashes / 2))
        {
            var leaving = alive[Random.Next(alive.Count)];
            Trace($"{leaving} leaves");
            leaving.Leave();
        }
        else if (Chance(Scenario.Outages))
        {
            _outage = !_outage;
            Trace(_outage ? "the database is gone" : "the database is back");
        }
        else if (!(Scenario.Strict && anyBusy) && Chance(Scenario.ClockSteps))
        {
            var step = TimeSpan.FromSeconds(Random.Next(-90, 90));
            Trace($"the wall clock is set by {step}");
            Clock.Step(step);
        }
        else if (Chance(300) && alive.Count > 0)
        {
            alive[Random.Next(alive.Count)].Tick();
        }
        else if (!(Scenario.Strict && anyBusy))
        {
            // In a strict run nobody's report waits at the door while its hold runs out.
            Clock.Pass(TimeSpan.FromMilliseconds(Random.Next(20) switch
            {
                0 => Random.Next(10_000, 40_000),
                < 6 => Random.Next(1_000, 10_000),
                _ => Random.Next(1, 500),
            }));
        }
    }

    /// <summary>What an activation holds of a cap that changed: a crash must not forget it.</summary>
    public void Bind(Node node, Cap cap)
    {
        foreach (var hold in node.Account.Holds.Open)
        {
            Exposure.Find(hold.Id)?.BindTo(cap);
        }
    }

    /// <summary>What an activation has in memory after it opened: a crash must not forget it.</summary>
    private void TakeOver(Node node)
    {
        foreach (var hold in node.Account.Holds.Open)
        {
            Exposure.Find(hold.Id)?.KnownTo(node);
        }
    }

    private void Activate()
    {
        var node = new Node(++_nodesMade, Account, Clock, TimeSpan.FromMilliseconds(Random.Next(MaxAheadMs)), Network, Database, Caps);
        Trace($"{node} comes");
        _nodes.Add(node);
    }

    private void Kill(Node node)
    {
        Trace($"{node} dies");
        node.Kill();
    }

    /// <summary>After each step: what became of calls, what time did to holds, and whether every promise still holds.</summary>
    private void Observe()
    {
        foreach (var node in _nodes.Where(node => !node.IsDead && (node.Opening.IsFaulted || node.HasLeft)).ToList())
        {
            Trace($"{node} is gone");
            node.Kill();
        }

        _nodes.RemoveAll(node => node.IsDead);
        Exposure.TimePassed();
        foreach (var node in _nodes.Where(node => node.IsOpen && _known.Add(node)))
        {
            Trace($"{node} is open at {node.Account.Position}");
            TakeOver(node);
        }

        foreach (var client in _clients)
        {
            client.Observe();
        }

        Check();
    }
}
