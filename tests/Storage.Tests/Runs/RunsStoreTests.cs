using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Storage.Tests.Runs;

public sealed class RunsStoreTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly DateTimeOffset s_now = Ledger.Events.Now;
    private static readonly StatsWindow s_window = new(s_now.AddDays(-30), s_now.AddMinutes(5));
    private static readonly StatsFilter s_all = new(null, null, null, null);

    private readonly RunsStore _store = new(database.Db);
    private readonly AccountId _account = AccountId.New();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 10)]
    [InlineData(3, 100)]
    public async Task ListLatest_PageByPage_GivesEveryRunOnceByItsLatestCall(int seed, int runs)
    {
        var events = RandomRuns(seed);
        await AppendAsync(events);

        foreach (var filter in new[] { s_all, s_all with { CustomerId = "acme" }, s_all with { Model = "gpt-4o", Agent = "writer" } })
        {
            var walked = await WalkAsync(filter, runs);

            var expected = events
                .Where(e => (filter.CustomerId ?? e.CustomerId) == e.CustomerId && (filter.Model ?? e.Model) == e.Model && (filter.Agent ?? e.Agent) == e.Agent)
                .GroupBy(e => e.RunId)
                .OrderByDescending(run => run.Max(e => e.OccurredAt))
                .Select(run => run.Key)
                .ToList();
            Assert.Equal(expected, walked.Select(run => run.RunId));
            Assert.All(walked, run => AssertSums(events.Where(e => e.RunId == run.RunId).ToList(), run));
        }
    }

    [Fact]
    public async Task ListLatest_MoreCallsThanOnePageScans_GoesOnUntilTheEnd()
    {
        // One run fills more than one scan; an older one lies behind it.
        var busy = Enumerable.Range(0, RunsStore.EventsScanned + 10)
            .Select(i => Ledger.Events.Make($"busy{i}", occurredAt: s_now.AddSeconds(-i)) with { RunId = "busy" });
        await AppendAsync([.. busy, Ledger.Events.Make("old", occurredAt: s_now.AddDays(-3)) with { RunId = "old" }]);

        var walked = await WalkAsync(s_all, 10);

        Assert.Equal(["busy", "old"], walked.Select(run => run.RunId));
        Assert.True(walked[0].Cut);
        Assert.Equal(RunsStore.EventsOfSummary + 1, walked[0].Figures.Calls);
        Assert.False(walked[1].Cut);
    }

    [Fact]
    public async Task ListLatest_Window_HoldsOnlyRunsWithCallsInIt()
    {
        await AppendAsync(
            Ledger.Events.Make("a", occurredAt: s_now.AddHours(-30)) with { RunId = "before" },
            Ledger.Events.Make("b", occurredAt: s_now.AddHours(-20)) with { RunId = "inside" },
            Ledger.Events.Make("c", occurredAt: s_now.AddHours(-1)) with { RunId = "after" });

        var page = await _store.ListLatestAsync(_account, new StatsWindow(s_now.AddHours(-25), s_now.AddHours(-5)), s_all, null, 10, default);

        Assert.Equal("inside", Assert.Single(page.Runs).RunId);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Get_Run_HasFiguresPartsAndEvents()
    {
        var events = RandomRuns(seed: 4);
        await AppendAsync(events);
        var mine = events.Where(e => e.RunId == "run-3").OrderBy(e => e.OccurredAt).ToList();

        var run = (await _store.GetAsync(_account, "run-3", default))!;

        AssertSums(mine, run.Summary);
        Assert.Equal(Parts(mine, e => e.Section), run.Sections.Select(Named));
        Assert.Equal(Parts(mine, e => e.Provider), run.Providers.Select(Named));
        Assert.Equal(Parts(mine, e => e.Model), run.Models.Select(Named));
        Assert.Equal(mine.Select(e => e.Id), run.Events.Select(e => e.Id));
        Assert.False(run.EventsCut);

        static (string, Usd, long) Named(RunPart part) => (part.Name, part.Figures.Cost, part.Figures.Calls);
        static IEnumerable<(string, Usd, long)> Parts(IEnumerable<LedgerEvent> events, Func<LedgerEvent, string> name) => events
            .GroupBy(name)
            .Select(part => (part.Key, Usd.Sum(part.Select(e => e.Cost)), (long)part.Count()))
            .OrderByDescending(part => part.Item2)
            .ThenBy(part => part.Key, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Get_ManyCalls_ShowsTheNewestAndSumsAll()
    {
        await AppendAsync([.. Enumerable.Range(0, RunsStore.EventsShown + 1)
            .Select(i => Ledger.Events.Make($"e{i}", 1, occurredAt: s_now.AddSeconds(i - 2_000)) with { RunId = "long" })]);

        var run = (await _store.GetAsync(_account, "long", default))!;

        Assert.True(run.EventsCut);
        Assert.Equal(RunsStore.EventsShown, run.Events.Length);
        Assert.Equal(("e1", $"e{RunsStore.EventsShown}"), (run.Events[0].Id, run.Events[^1].Id));
        Assert.Equal(RunsStore.EventsShown + 1, run.Summary.Figures.Cost.Nanos);
        Assert.False(run.Summary.Cut);
    }

    [Fact]
    public async Task Get_EventsWithHolds_ShowWhatBecameOfThem()
    {
        (string Id, SettledHold? Hold, bool NamesOne, long? Overrun)[] calls =
        [
            ("a", null, false, null),
            ("b", null, true, null),
            ("c", new(HoldOutcome.Settled, new Usd(400), LabelMismatch: true, []), true, 600),
            ("d", new(HoldOutcome.Settled, new Usd(1_500), LabelMismatch: false, []), true, 0),
            ("e", new(HoldOutcome.Late, new Usd(999), LabelMismatch: false, []), true, 1),
            ("f", new(HoldOutcome.Late, null, LabelMismatch: false, []), true, null),
            ("g", new(HoldOutcome.Again, new Usd(400), LabelMismatch: false, []), true, null),
            ("h", new(HoldOutcome.Unknown, null, LabelMismatch: false, []), true, null),
        ];
        var append = Ledger.Events.Append(_account, await database.TakeEpochAsync(_account), calls.Select(
            call => Ledger.Events.Make(call.Id, 1_000) with { RunId = "held", HoldId = call.NamesOne ? "hold_" + call.Id : null }));
        await using (var writer = database.CreateWriter())
        {
            var result = await writer.AppendAsync(append with { Rows = [.. append.Rows.Zip(calls, (row, call) => row with { Hold = call.Hold })] }, default);
            Assert.Equal(AppendOutcome.Committed, result.Outcome);
        }

        var events = (await _store.GetAsync(_account, "held", default))!.Events;

        Assert.Equal(
            calls.Select(call => call.NamesOne
                ? new RunEventHold("hold_" + call.Id, call.Hold?.Outcome, call.Hold?.Held, call.Hold?.LabelMismatch ?? false)
                : null),
            events.Select(e => e.Hold));
        Assert.Equal(calls.Select(call => call.Overrun), events.Select(e => e.Overrun?.Nanos));
    }

    [Fact]
    public async Task Get_RunOfAnotherAccount_IsNull()
    {
        await AppendAsync(Ledger.Events.Make("a") with { RunId = "secret" });

        Assert.Null(await _store.GetAsync(AccountId.New(), "secret", default));
        Assert.Null(await _store.GetAsync(_account, "no-such-run", default));
        Assert.Empty((await _store.ListLatestAsync(AccountId.New(), s_window, s_all, null, 10, default)).Runs);
    }

    private static List<LedgerEvent> RandomRuns(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 600).Select(i => Ledger.Events.Make($"e{i}", random.Next(5) * 333) with
        {
            RunId = $"run-{random.Next(25)}",
            Section = $"step:{random.Next(3)}",
            CustomerId = random.Next(3) == 0 ? "acme" : "",
            Model = random.Next(2) == 0 ? "gpt-4o" : "",
            Agent = random.Next(2) == 0 ? "writer" : "reader",
            IsError = random.Next(4) == 0,
            LatencyMs = random.Next(4) == 0 ? 0 : random.Next(5_000),
            OccurredAt = s_now.AddDays(-7 * random.NextDouble()).AddTicks(-i),
        })];
    }

    private async Task AppendAsync(params IReadOnlyList<LedgerEvent> events)
    {
        var head = await database.TakeEpochAsync(_account);
        await using var writer = database.CreateWriter();
        foreach (var batch in events.Chunk(1_000))
        {
            var result = await writer.AppendAsync(Ledger.Events.Append(_account, head, batch), default);
            Assert.Equal(AppendOutcome.Committed, result.Outcome);
            head = head with { LastSeq = result.LastSeq };
        }
    }

    private async Task<List<RunSummary>> WalkAsync(StatsFilter filter, int runs)
    {
        var walked = new List<RunSummary>();
        RunPosition? after = null;
        do
        {
            var page = await _store.ListLatestAsync(_account, s_window, filter, after, runs, default);
            Assert.InRange(page.Runs.Length, 0, runs);
            walked.AddRange(page.Runs);
            after = page.Next;
        }
        while (after is not null);
        return walked;
    }

    private static void AssertSums(List<LedgerEvent> events, RunSummary run)
    {
        var latencies = events.Select(e => e.LatencyMs).Where(latency => latency > 0).Order().ToList();
        Assert.Equal(
            new RunFigures
            {
                Calls = events.Count,
                Cost = Usd.Sum(events.Select(e => e.Cost)),
                Errors = events.Count(e => e.IsError),
                Unpriced = events.Count(e => e.Unpriced),
                InputTokens = events.Sum(e => e.InputTokens),
                OutputTokens = events.Sum(e => e.OutputTokens),
                CachedTokens = events.Sum(e => e.CachedTokens),
                LatencyMs = latencies.Sum(),
                Measured = latencies.Count,
                P50Ms = latencies.Count == 0 ? null : latencies[((latencies.Count + 1) / 2) - 1],
                P95Ms = latencies.Count == 0 ? null : latencies[(int)Math.Ceiling(latencies.Count * 0.95m) - 1],
            },
            run.Figures);
        Assert.Equal(events.Min(e => e.OccurredAt), run.FirstAt, TimeSpan.FromMicroseconds(1));
        Assert.Equal(events.Max(e => e.OccurredAt), run.LastAt, TimeSpan.FromMicroseconds(1));
        Assert.False(run.Cut);
    }
}
