using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

public sealed class LedgerAppendTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private readonly LedgerWriter _writer = database.CreateWriter();
    private readonly AccountId _account = AccountId.New();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _writer.DisposeAsync();

    [Fact]
    public async Task Append_NewEvents_AreStoredCountedAndNumbered()
    {
        var head = await database.TakeEpochAsync(_account);

        var result = await AppendAsync(head, Events.Make("a", 100), Events.Make("b", 200));

        Assert.Equal(AppendOutcome.Committed, result.Outcome);
        Assert.Equal(2, result.LastSeq);
        Assert.Equal([true, true], result.Inserted.ToArray());
        Assert.Equal(new LedgerHead(1, 2, new Usd(300), 2), await database.Ledger.HeadAsync(_account, default));
        Assert.Equal((new Usd(300), 2), await SumAsync());
    }

    [Fact]
    public async Task Append_SameBatchTwice_CountsOnce()
    {
        var head = await database.TakeEpochAsync(_account);
        await AppendAsync(head, Events.Make("a"), Events.Make("b"));

        var again = await AppendAsync(head with { LastSeq = 2 }, Events.Make("a"), Events.Make("b"));

        Assert.Equal(AppendOutcome.Committed, again.Outcome);
        Assert.Equal(2, again.LastSeq);
        Assert.Equal([false, false], again.Inserted.ToArray());
        Assert.Equal((new Usd(2_000), 2), await SumAsync());
    }

    [Fact]
    public async Task Append_OverlappingBatch_CountsOnlyTheNew()
    {
        var head = await database.TakeEpochAsync(_account);
        await AppendAsync(head, Events.Make("a"), Events.Make("b"));

        var overlap = await AppendAsync(head with { LastSeq = 2 }, Events.Make("c"), Events.Make("b"), Events.Make("d"), Events.Make("a"));

        Assert.Equal(AppendOutcome.Committed, overlap.Outcome);
        Assert.Equal(4, overlap.LastSeq);
        Assert.Equal([true, false, true, false], overlap.Inserted.ToArray());
        Assert.Equal((new Usd(4_000), 4), await SumAsync());
        Assert.Equal(4, (await database.Ledger.HeadAsync(_account, default)).TotalCalls);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public async Task Append_OtherEpochOrSequence_WritesNothing(long epoch, long expectedSeq)
    {
        await database.TakeEpochAsync(_account);

        var result = await AppendAsync(new LedgerHead(epoch, expectedSeq, default, 0), Events.Make("a"));

        Assert.Equal(AppendOutcome.Fenced, result.Outcome);
        Assert.Equal(new LedgerHead(1, 0, Usd.Zero, 0), await database.Ledger.HeadAsync(_account, default));
        Assert.Equal((Usd.Zero, 0), await SumAsync());
    }

    private Task<AppendResult> AppendAsync(LedgerHead head, params Domain.Events.LedgerEvent[] events) =>
        _writer.AppendAsync(Events.Append(_account, head, events), default);

    private Task<(Usd Cost, long Calls)> SumAsync() => database.Ledger.SumFromEventsAsync(
        _account, new CapScope(CapType.Global, ""), new TimeRange(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue), default);
}
