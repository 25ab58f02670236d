using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Lost replies, statements that outlive their sender, and activations that follow one another.</summary>
public sealed class LedgerFenceTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private readonly AccountId _account = AccountId.New();

    [Fact]
    public async Task TakeEpoch_AccountWithoutHead_MakesNone()
    {
        await Assert.ThrowsAsync<LedgerGoneException>(() => database.Ledger.TakeEpochAsync(_account, default));

        Assert.Equal(0, await database.ScalarAsync<long>($"SELECT count(*) FROM ledger_heads WHERE account_id = '{_account.Value}'"));
    }

    [Fact]
    public async Task TakeEpoch_StatementUnderWay_WaitsAndSeesWhatItWrote()
    {
        await using var writer = database.CreateWriter();
        var head = await database.TakeEpochAsync(_account);
        Task<AppendResult> zombie;
        Task<LedgerHead> next;
        await using (await database.HoldCommitsAsync(_account))
        {
            zombie = writer.AppendAsync(Events.Append(_account, head, Events.Make("a")), default);
            await database.LockWaitersAsync(1);
            next = database.TakeEpochAsync(_account);
            await database.LockWaitersAsync(2);
            Assert.False(next.IsCompleted);
        }

        Assert.Equal(AppendOutcome.Committed, (await zombie).Outcome);
        Assert.Equal(new LedgerHead(2, 1, new Usd(1_000), 1), await next);
    }

    [Fact]
    public async Task Append_EpochTakenWhileItWaitsForTheHead_WritesNothing()
    {
        await using var writer = database.CreateWriter();
        var head = await database.TakeEpochAsync(_account);
        Task<AppendResult> late;
        await using (var connection = await database.Db.OpenConnectionAsync())
        {
            await using var successor = await connection.BeginTransactionAsync();
            await using var take = new NpgsqlCommand($"UPDATE ledger_heads SET epoch = epoch + 1 WHERE account_id = '{_account.Value}'", connection);
            await take.ExecuteNonQueryAsync();
            late = writer.AppendAsync(Events.Append(_account, head, Events.Make("a")), default);
            await database.LockWaitersAsync(1);
            await successor.CommitAsync();
        }

        Assert.Equal(AppendOutcome.Fenced, (await late).Outcome);
        Assert.Equal(new LedgerHead(2, 0, Usd.Zero, 0), await database.Ledger.HeadAsync(_account, default));
    }

    [Fact]
    public async Task Append_ServerEndsTheStatement_IsUnknownAndRecovers()
    {
        await using var writer = database.CreateWriter();
        var head = await database.TakeEpochAsync(_account);
        Task<AppendResult> lost;
        await using (await database.HoldCommitsAsync(_account))
        {
            lost = writer.AppendAsync(Events.Append(_account, head, Events.Make("a")), default);
            var backend = Assert.Single(await database.LockWaitersAsync(1));
            await database.ExecuteAsync($"SELECT pg_terminate_backend({backend})");
            Assert.Equal(AppendOutcome.Unknown, (await lost).Outcome);
        }

        var next = await database.TakeEpochAsync(_account);
        Assert.Equal(0, next.LastSeq);
        var again = await writer.AppendAsync(Events.Append(_account, next, Events.Make("a")), default);
        Assert.Equal(AppendOutcome.Committed, again.Outcome);
        Assert.Equal((new Usd(1_000), 1), await SumAsync());
    }

    /// <summary>
    /// The whole story of a lost reply over the turn of a week: the client sends again on Monday, and the batch of Sunday is resent after
    /// that, whichever of the three the server had carried out.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_LostOverTheTurnOfAWeek_CountsOnce(bool landed)
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var behindProxy = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var cut = database.CreateWriter(behindProxy);
        var sunday = new DateTimeOffset(2026, 11, 22, 23, 59, 59, TimeSpan.Zero);
        var monday = sunday.AddSeconds(2);
        var head = await database.TakeEpochAsync(_account);
        var first = Events.Append(_account, head, Events.Make("a", receivedAt: sunday), Events.Make("b", receivedAt: sunday));
        await database.Partitions.EnsureAroundAsync(LedgerWeek.Of(sunday), default);
        await database.Partitions.EnsureAroundAsync(LedgerWeek.Of(monday), default);

        // The first commit of a connection carries the statement's text to be prepared: the cut comes with the second.
        await cut.AppendAsync(Events.Append(AccountId.New(), default, Events.Make("x", receivedAt: sunday)), default);
        var wasCut = landed ? proxy.LoseReplyTo("span-b") : proxy.LoseRequest("span-b");
        var lost = await cut.AppendAsync(first, default);
        await wasCut;
        Assert.Equal(AppendOutcome.Unknown, lost.Outcome);

        await using var writer = database.CreateWriter();
        head = await database.TakeEpochAsync(_account);
        Assert.Equal(landed ? 2 : 0, head.LastSeq);
        var client = await writer.AppendAsync(
            Events.Append(_account, head, Events.Make("a", receivedAt: monday), Events.Make("c", receivedAt: monday)), default);
        var resent = await writer.AppendAsync(first with { Epoch = head.Epoch, ExpectedSeq = client.LastSeq }, default);

        Assert.Equal([!landed, true], client.Inserted.ToArray());
        Assert.Equal([false, !landed], resent.Inserted.ToArray());
        Assert.Equal((new Usd(3_000), 3), await SumAsync());
        Assert.Equal(3, (await database.Ledger.HeadAsync(_account, default)).LastSeq);
    }

    [Fact]
    public async Task Append_NobodyListens_IsRejected()
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var behindProxy = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var writer = database.CreateWriter(behindProxy);
        var head = await database.TakeEpochAsync(_account);
        proxy.Refuse();

        var refused = await writer.AppendAsync(Events.Append(_account, head, Events.Make("a")), default);
        proxy.Restore();
        var accepted = await writer.AppendAsync(Events.Append(_account, head, Events.Make("a")), default);

        Assert.Equal(AppendOutcome.Rejected, refused.Outcome);
        Assert.NotNull(refused.Error);
        Assert.Equal(AppendOutcome.Committed, accepted.Outcome);
    }

    private Task<(Usd Cost, long Calls)> SumAsync() => database.Ledger.SumFromEventsAsync(
        _account, new CapScope(CapType.Global, ""), new TimeRange(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue), default);
}
