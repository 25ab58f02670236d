using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Simulation.Engine;

namespace LlmObserve.Simulation;

/// <summary>
/// A caller: it asks for a hold, makes its call, and reports it; it repeats what got no answer, and sometimes what did. It may die at any
/// point, give a hold back, or keep it longer.
/// </summary>
internal sealed partial class Client(World world, int number)
{
    /// <summary>Longer than any wait of a step, so that some run out and some do not.</summary>
    private const int MaxHoldSeconds = 45;

    /// <summary>Of half the holds, which run out beside the long ones.</summary>
    private const int ShortHoldSeconds = 4;

    private readonly Random _random = world.Random;
    private HoldRequest? _request;
    private HoldState? _hold;
    private (Node Node, HoldId Id)? _granted;
    private EventBatch? _report;
    private int _made;
    private Pending<HoldAnswer>? _asked;
    private Pending<RecordResult>? _reported;

    /// <summary>The next thing that it does, where it waits for nothing.</summary>
    public void Act()
    {
        if (world.Route(isReport: _report is not null) is not { } node || _asked is not null || _reported is not null)
        {
            return;
        }

        if (_report is not null)
        {
            Report(node);
        }
        else if (_hold is not null)
        {
            UseHold(node);
        }
        else if (!world.Scenario.Strict && world.Chance(world.Scenario.CapChanges))
        {
            ChangeCaps(node);
        }
        else if (!world.Scenario.Strict && world.Chance(150))
        {
            _report = new EventBatch([NewEvent(NewLabels(), new Usd(_random.Next(1, 20) * 10_000_000L), null)]);
        }
        else
        {
            Ask(node);
        }
    }

    /// <summary>What became of what it waits for.</summary>
    public void Observe()
    {
        if (_asked is { } asked && asked.IsOver)
        {
            _asked = null;
            Answered(asked);
        }

        if (_reported is { } reported && reported.IsOver)
        {
            _reported = null;
            Acknowledged(reported);
        }

        ObserveChange();
    }

    private void Ask(Node node)
    {
        _request ??= new HoldRequest
        {
            Id = new HoldId(world.NewGuid()),
            Labels = NewLabels(),
            Amount = new Usd(_random.Next(1, 30) * 10_000_000L),
            Time = TimeSpan.FromSeconds(_random.Next(1, _random.Next(2) == 0 ? ShortHoldSeconds : MaxHoldSeconds)),
            IdempotencyKey = _random.Next(3) == 0 ? $"key-{number}-{_made}" : null,
            Digest = "same",
        };
        if (_request.IdempotencyKey is not null && _random.Next(2) == 0)
        {
            // As the API makes it of a request that is sent again: another id, and the key tells that it is the same.
            _request = _request with { Id = new HoldId(world.NewGuid()) };
        }

        var request = _request;
        world.Trace($"client {number} asks {node} for {request.Amount} as {request.Id}");
        _asked = new(node, node.Call(account => account.Holds.HoldAsync(request)), request.Time);
        if (world.Chance(50))
        {
            // The same once more, as a proxy does that lost patience.
            _ = node.Call(account => account.Holds.HoldAsync(request));
        }
    }

    private void UseHold(Node node)
    {
        var hold = _hold!;
        switch (_random.Next(20))
        {
            case < 12:
                // Mostly little, so that the caps are not used up before anything happens to them.
                var cost = _random.Next(12) switch
                {
                    0 when !world.Scenario.Strict => hold.Amount + new Usd(_random.Next(1, 10) * 10_000_000L),
                    < 2 => hold.Amount,
                    < 4 => new Usd(_random.NextInt64(hold.Amount.Nanos + 1)),
                    < 6 => Usd.Zero,
                    _ => new Usd(_random.NextInt64(hold.Amount.Nanos / 10)),
                };
                var labels = !world.Scenario.Strict && world.Chance(100) ? NewLabels() : hold.Labels;
                _report = new EventBatch([NewEvent(labels, cost, hold.Id)]);
                break;
            case < 14:
                world.Trace($"client {number} gives {hold.Id} back to {node}");
                _asked = new(node, node.Call(account => Task.FromResult(account.Holds.Release(hold.Id))), TimeSpan.Zero);
                break;
            case < 16:
                var time = TimeSpan.FromSeconds(_random.Next(1, MaxHoldSeconds));
                world.Trace($"client {number} asks {node} to keep {hold.Id} for {time}");
                _asked = new(node, node.Call(account => account.Holds.ExtendAsync(hold.Id, time)), time, IsExtension: true);
                break;
            case 16:
                world.Trace($"client {number} dies with {hold.Id}");
                Begin();
                break;
            default:
                // Its call takes a while yet.
                break;
        }
    }

    private void Report(Node node)
    {
        if (world.Scenario.Strict && _hold is { } hold && world.Exposure.Find(hold.Id) is not { IsOver: false })
        {
            world.Trace($"client {number} is too late for {hold.Id} and makes no call");
            Begin();
            return;
        }

        var report = _report!;
        world.Trace($"client {number} reports {report.Events[0].Id} ({report.Events[0].Cost}, {report.Events[0].HoldId}) to {node}");
        _reported = new(node, node.Call(account => account.RecordAsync(report)), TimeSpan.Zero);
        if (world.Chance(50))
        {
            _ = node.Call(account => account.RecordAsync(report));
        }
    }

    private void Answered(Pending<HoldAnswer> asked)
    {
        var answer = asked.Answer;
        if (answer is { Kind: HoldAnswerKind.Granted, Hold: { Status: HoldStatus.Open } hold })
        {
            world.Trace($"{asked.Node} grants {hold.Id}: {hold.Amount} until {hold.ExpiresAt:T}");
            CheckOneHold(asked.Node, hold);
            if (world.Exposure.Grant(hold, asked.Time, asked.IsExtension, asked.Node))
            {
                world.Grants++;
                world.CheckGrant(asked.Node, hold.Labels);
            }
        }

        if (answer?.Hold is { Status: HoldStatus.Released } released && world.Exposure.Find(released.Id) is { } given)
        {
            given.IsOver = true;
        }

        if (answer is null || world.Chance(world.Scenario.Loss))
        {
            // It does not know; most ask again, the same, and some die.
            if (world.Chance(200))
            {
                Begin();
            }

            return;
        }

        world.Trace($"client {number} hears {answer.Kind} of {_request?.Id} {answer.Hold?.Status}");
        switch (answer)
        {
            case { Hold: { Status: HoldStatus.Open } open }:
                _hold = open;
                break;
            case { Kind: HoldAnswerKind.SendAgain or HoldAnswerKind.Unavailable or HoldAnswerKind.NotFound } when world.Chance(700):
                // Again later; a hold that this activation does not know may still be reported.
                break;
            default:
                Begin();
                break;
        }
    }

    private void Acknowledged(Pending<RecordResult> reported)
    {
        if (reported.Answer is not { Outcome: RecordOutcome.Recorded } || world.Chance(world.Scenario.Loss))
        {
            // Not known to be there: it sends the same again.
            return;
        }

        world.CheckAcknowledged(reported.Node, _report!);
        Begin();
    }

    /// <summary>However often a request is made of an activation: it is one hold.</summary>
    private void CheckOneHold(Node node, HoldState hold)
    {
        if (_granted is { } before && before.Node == node && before.Id != hold.Id)
        {
            throw new SimulationFailedException($"{node} granted {before.Id} and {hold.Id} for one request of client {number}");
        }

        _granted = (node, hold.Id);
    }

    private void Begin()
    {
        (_request, _hold, _report, _granted) = (null, null, null, null);
        _made++;
    }

    private CallLabels NewLabels() =>
        new("openai", $"model-{_random.Next(2)}", $"agent-{_random.Next(2)}", $"customer-{_random.Next(2)}");

    private LedgerEvent NewEvent(CallLabels labels, Usd cost, HoldId? hold) => new()
    {
        Id = $"{number}-{_made}",
        RunId = "run",
        SpanId = "span",
        Section = labels.Agent,
        SectionPath = labels.Agent,
        Agent = labels.Agent,
        SpanType = "llm",
        Kind = SpanKind.Llm,
        Provider = labels.Provider,
        Endpoint = "chat",
        Model = labels.Model,
        CustomerId = labels.CustomerId,
        Cost = cost,
        Status = "ok",
        HoldId = hold?.ToString(),
        OccurredAt = world.Clock.Wall,
        ReceivedAt = world.Clock.Wall,
    };

    /// <summary>A call that was made of an activation; over without an answer where that died or refused.</summary>
    private sealed record Pending<T>(Node Node, Task<T> Call, TimeSpan Time, bool IsExtension = false)
        where T : class
    {
        public bool IsOver => Call.IsCompleted || Node.IsDead;

        public T? Answer => Call.IsCompletedSuccessfully ? Call.Result : null;
    }
}
