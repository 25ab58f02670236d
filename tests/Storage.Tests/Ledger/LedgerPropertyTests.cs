using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Any interleaving of batches, duplicates, late activations and restarts counts each id once and every total exactly.</summary>
public sealed class LedgerPropertyTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private const int Ids = 12;

    private readonly LedgerWriter _writer = database.CreateWriter();

    private abstract record Step;

    /// <summary>The activation takes the next epoch.</summary>
    private sealed record Restart : Step;

    /// <summary>The activation, and where <paramref name="Zombie"/> is set the one before at the same moment, sends a batch.</summary>
    private sealed record Send(int Week, LedgerEvent[] Events, bool Zombie) : Step;

    /// <summary>The batch before the last is sent again, with its first time of receipt.</summary>
    private sealed record Resend : Step;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _writer.DisposeAsync();

    [Fact]
    public void Append_AnyInterleaving_CountsEachIdOnce() =>
        Prop.ForAll(Steps().ListOf(12).ToArbitrary(), steps => RunAsync(steps).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private async Task RunAsync(IEnumerable<Step> steps)
    {
        var account = AccountId.New();
        var head = await database.TakeEpochAsync(account);
        var zombie = head with { Epoch = 0 };
        var expected = new Dictionary<(string Id, LedgerWeek Week), LedgerEvent>();
        List<LedgerEvent[]> sent = [];
        foreach (var step in steps)
        {
            if (step is Restart)
            {
                zombie = head;
                head = await database.TakeEpochAsync(account);
                continue;
            }

            var send = step as Send ?? new Send(0, sent.Count > 1 ? sent[^2] : [Make("first", 1, 0, 0)], Zombie: false);
            sent.Add(send.Events);
            var late = send.Zombie ? _writer.AppendAsync(Events.Append(account, zombie, send.Events), default) : null;
            var result = await _writer.AppendAsync(Events.Append(account, head, send.Events), default);
            if (late is not null)
            {
                Assert.Equal(AppendOutcome.Fenced, (await late).Outcome);
            }

            Assert.Equal(AppendOutcome.Committed, result.Outcome);
            var fresh = send.Events.Select(e => IsNew(expected, e)).ToArray();
            Assert.Equal(fresh, result.Inserted.ToArray());
            foreach (var e in send.Events.Where((_, i) => fresh[i]))
            {
                expected.Add((e.Id, LedgerWeek.Of(e.ReceivedAt)), e);
            }

            head = head with { LastSeq = result.LastSeq };
        }

        var cost = expected.Values.Aggregate(Usd.Zero, (sum, e) => sum + e.Cost);
        Assert.Equal(new LedgerHead(head.Epoch, expected.Count, cost, expected.Count), await database.Ledger.HeadAsync(account, default));
        await LedgerCheck.AssertCountedAsync(database, account);
    }

    /// <summary>An id is unique over each week and the next.</summary>
    private static bool IsNew(Dictionary<(string Id, LedgerWeek Week), LedgerEvent> stored, LedgerEvent e)
    {
        var week = LedgerWeek.Of(e.ReceivedAt);
        return !new[] { week.Previous, week, week.Next }.Any(near => stored.ContainsKey((e.Id, near)));
    }

    private static Gen<Step> Steps() => Gen.Frequency(
        (2, Gen.Constant<Step>(new Restart())),
        (2, Gen.Constant<Step>(new Resend())),
        (8, from week in Gen.Choose(-1, 1)
            from ids in Gen.Choose(0, Ids - 1).ListOf(8)
            from shapes in Gen.Choose(0, int.MaxValue).ListOf(8)
            from zombie in Gen.Elements(false, false, true)
            select (Step)new Send(week, [.. ids.Zip(shapes).DistinctBy(pair => pair.First).Select(pair => Make($"e{pair.First}", pair.Second, week, pair.First))], zombie)));

    /// <summary>An event whose labels, figures and time follow from a number.</summary>
    private static LedgerEvent Make(string id, int shape, int week, int hours) => Events.Make(
        id,
        nanos: shape % 1_000_003,
        receivedAt: Events.Now.AddDays(7 * week),
        occurredAt: Events.Now.AddDays((7 * week) - (shape % 7)).AddHours(-hours)) with
    {
        CustomerId = shape % 3 == 0 ? "" : $"customer-{shape % 5}",
        Model = shape % 4 == 0 ? "" : $"model-{shape % 2}",
        SectionPath = shape % 6 == 0 ? "" : $"section-{shape % 4}/tool",
        Agent = shape % 5 == 0 ? "" : $"agent-{shape % 3}",
        Kind = (SpanKind)(shape % 4),
        Endpoint = (shape % 3) switch { 0 => "query", 1 => "upsert", _ => "chat" },
        InputTokens = shape % 1009,
        CachedTokens = shape % 2 * 7,
        CacheWriteTokens = shape % 11 == 0 ? 3 : 0,
        ReasoningTokens = shape % 6,
        LatencyMs = shape % 100_000,
        IsError = shape % 9 == 0,
        Unpriced = shape % 10 == 0,
        IsStreaming = shape % 2 == 0,
        Discount = shape % 3 == 0 ? 0.5m : 1m,
        HoldId = shape % 8 == 0 ? "hold" : null,
        UsageJson = shape % 7 == 0 ? """{"input_tokens":1}""" : null,
    };
}
