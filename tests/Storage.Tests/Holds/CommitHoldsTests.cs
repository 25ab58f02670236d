using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Holds;

/// <summary>What a commit keeps of the holds that its events name.</summary>
public sealed class CommitHoldsTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset s_day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_month = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HoldsStore _store = new(database.Db);
    private readonly LedgerWriter _writer = database.CreateWriter();
    private readonly CapId _daily = CapId.New();
    private readonly CapId _monthly = CapId.New();
    private HeldAccount _account = null!;

    public async Task InitializeAsync() => _account = await HeldAccount.CreateAsync(database);

    public async Task DisposeAsync() => await _writer.DisposeAsync();

    [Fact]
    public async Task Append_NoHolds_LeavesTheColumnsEmpty()
    {
        await AppendAsync(0, ("a", null), ("b", null));

        Assert.Equal(["a - - false", "b - - false"], await StoredAsync(_account));
        Assert.Empty(await OverrunsAsync(_account));
    }

    [Fact]
    public async Task Append_HoldsBesideNone_AreStoredWithTheirEvents()
    {
        await AppendAsync(
            0,
            ("a", new SettledHold(HoldOutcome.Settled, new Usd(700), LabelMismatch: true, [])),
            ("b", null),
            ("c", new SettledHold(HoldOutcome.Late, Usd.Zero, LabelMismatch: false, [])),
            ("d", new SettledHold(HoldOutcome.Again, null, LabelMismatch: false, default)),
            ("e", new SettledHold(HoldOutcome.Unknown, null, LabelMismatch: false, [])));

        Assert.Equal(
            ["a settled 700 true", "b - - false", "c late 0 false", "d again - false", "e unknown - false"], await StoredAsync(_account));
        Assert.Empty(await OverrunsAsync(_account));
    }

    [Fact]
    public async Task Append_Overruns_AddUpByCapAndPeriod()
    {
        await AppendAsync(0, ("a", Over((_daily, s_day, 10), (_monthly, s_month, 10))), ("b", Over((_daily, s_day, 5))), ("c", null));
        await AppendAsync(3, ("d", Over((_daily, s_day, 100))), ("e", Over((_daily, s_day.AddDays(-1), 1))));

        Assert.Equal(
            [new(_daily, s_day.AddDays(-1), new Usd(1)), new(_daily, s_day, new Usd(115)), new(_monthly, s_month, new Usd(10))],
            await OverrunsAsync(_account));
        var calls = await database.ScalarAsync<long[]>(
            $"SELECT array_agg(calls ORDER BY cap_id = '{_monthly.Value}', period_start) FROM cap_overruns WHERE account_id = '{_account.Id.Value}'");
        Assert.Equal([1, 3, 1], calls);
    }

    [Fact]
    public async Task LoadOverruns_Since_LeavesOutEarlierPeriods()
    {
        await AppendAsync(0, ("a", Over((_daily, s_day, 10), (_daily, s_day.AddDays(-1), 20), (_monthly, s_month, 30))));

        Assert.Equal([new(_daily, s_day, new Usd(10))], await _store.LoadOverrunsAsync(_account.Id, s_day, default));
        Assert.Equal(2, (await _store.LoadOverrunsAsync(_account.Id, s_day.AddDays(-1), default)).Count);
    }

    [Fact]
    public async Task Append_DuplicatesInTheBatch_CountTheirOverrunsOnce()
    {
        await AppendAsync(0, ("a", Over((_daily, s_day, 10))), ("b", Over((_daily, s_day, 20))));

        var again = await AppendAsync(2, ("b", Over((_daily, s_day, 20))), ("c", Over((_daily, s_day, 40))), ("a", Over((_daily, s_day, 10))));
        var nothingNew = await AppendAsync(3, ("c", Over((_daily, s_day, 40))));

        Assert.Equal([false, true, false], again.Inserted.ToArray());
        Assert.Equal([false], nothingNew.Inserted.ToArray());
        Assert.Equal([new(_daily, s_day, new Usd(70))], await OverrunsAsync(_account));
        Assert.Equal(["a settled 0 false", "b settled 0 false", "c settled 0 false"], await StoredAsync(_account));
    }

    [Fact]
    public async Task Append_EpochIsOver_CountsNoOverrun()
    {
        await AppendAsync(0, ("a", Over((_daily, s_day, 10))));

        var late = await _writer.AppendAsync(Batch(_account, 1, ("b", Over((_daily, s_day, 20)))) with { Epoch = _account.Epoch - 1 }, default);

        Assert.Equal(AppendOutcome.Fenced, late.Outcome);
        Assert.Equal([new(_daily, s_day, new Usd(10))], await OverrunsAsync(_account));
    }

    [Fact]
    public async Task Append_SeveralAccountsInOneCommit_KeepApart()
    {
        var (duplicates, fenced) = (await HeldAccount.CreateAsync(database), await HeldAccount.CreateAsync(database));
        await _writer.AppendAsync(Batch(duplicates, 0, ("a", Over((_daily, s_day, 2)))), default);
        var lanes = await Task.WhenAll(Enumerable.Range(0, LedgerWriter.MaxLanes).Select(_ => HeldAccount.CreateAsync(database)));
        List<IAsyncDisposable> holdUps = [];
        List<Task<AppendResult>> heldUp = [];
        foreach (var lane in lanes)
        {
            holdUps.Add(await database.HoldCommitsAsync(lane.Id));
            heldUp.Add(_writer.AppendAsync(Batch(lane, 0, ("a", null)), default));
            await database.LockWaitersAsync(holdUps.Count);
        }

        // Every lane waits: these gather, and share a commit.
        Task<AppendResult>[] appends =
        [
            _writer.AppendAsync(Batch(_account, 0, ("a", Over((_daily, s_day, 30), (_monthly, s_month, 31)))), default),
            _writer.AppendAsync(Batch(duplicates, 1, ("a", Over((_daily, s_day, 2))), ("b", Over((_daily, s_day, 4)))), default),
            _writer.AppendAsync(Batch(fenced, 5, ("a", Over((_daily, s_day, 400)))), default),
        ];
        foreach (var holdUp in holdUps)
        {
            await holdUp.DisposeAsync();
        }

        var results = await Task.WhenAll(appends);
        await Task.WhenAll(heldUp);

        Assert.Equal([AppendOutcome.Committed, AppendOutcome.Committed, AppendOutcome.Fenced], results.Select(result => result.Outcome));
        Assert.Equal([new(_daily, s_day, new Usd(30)), new(_monthly, s_month, new Usd(31))], await OverrunsAsync(_account));
        Assert.Equal([new(_daily, s_day, new Usd(6))], await OverrunsAsync(duplicates));
        Assert.Empty(await OverrunsAsync(fenced));
    }

    [Fact]
    public async Task Append_OverrunsBeyondTheRangeOfMoney_IsOutOfRangeAndWritesNothing()
    {
        var result = await _writer.AppendAsync(
            Batch(_account, 0, ("a", Over((_daily, s_day, long.MaxValue))), ("b", Over((_daily, s_day, 1)))), default);

        Assert.Equal(AppendOutcome.OutOfRange, result.Outcome);
        Assert.Empty(await OverrunsAsync(_account));
    }

    private static SettledHold Over(params (CapId Cap, DateTimeOffset PeriodStart, long Nanos)[] overruns) => new(
        HoldOutcome.Settled, Usd.Zero, LabelMismatch: false, [.. overruns.Select(over => new CapOverrun(over.Cap, over.PeriodStart, new Usd(over.Nanos)))]);

    private async Task<AppendResult> AppendAsync(long expectedSeq, params (string Id, SettledHold? Hold)[] events)
    {
        var result = await _writer.AppendAsync(Batch(_account, expectedSeq, events), default);
        Assert.Equal(AppendOutcome.Committed, result.Outcome);
        return result;
    }

    private static LedgerAppend Batch(HeldAccount account, long expectedSeq, params (string Id, SettledHold? Hold)[] events)
    {
        var append = Ledger.Events.Append(account.Id, new LedgerHead(account.Epoch, expectedSeq, Usd.Zero, 0), events.Select(e => Ledger.Events.Make(e.Id)));
        return append with { Rows = [.. append.Rows.Zip(events, (row, e) => row with { Hold = e.Hold })] };
    }

    private async Task<IEnumerable<StoredOverrun>> OverrunsAsync(HeldAccount account) =>
        (await _store.LoadOverrunsAsync(account.Id, DateTimeOffset.UnixEpoch, default))
            .OrderBy(overrun => overrun.Cap == _monthly).ThenBy(overrun => overrun.PeriodStart);

    private Task<string[]> StoredAsync(HeldAccount account) => database.ScalarAsync<string[]>(
        $"""
        SELECT array_agg(concat_ws(' ', id, coalesce(hold_outcome, '-'), coalesce(held_nanos::text, '-'), hold_mismatch::text) ORDER BY id)
        FROM events WHERE account_id = '{account.Id.Value}'
        """);
}
