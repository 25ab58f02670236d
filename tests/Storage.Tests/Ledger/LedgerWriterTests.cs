using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Testing;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Group commit: many accounts, bad data, limits, the end.</summary>
public sealed class LedgerWriterTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private readonly LedgerWriter _writer = database.CreateWriter();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _writer.DisposeAsync();

    [Fact]
    public async Task Append_ManyAccountsWhileACommitRuns_ShareTheNext()
    {
        var accounts = await OpenAsync(50);
        Task<AppendResult>[] appends;
        await using (await HoldLanesAsync())
        {
            appends = [.. accounts.Select(account => AppendAsync(account, Events.Make("a"), Events.Make("b")))];
        }

        var results = await Task.WhenAll(appends);

        Assert.All(results, result => Assert.Equal((AppendOutcome.Committed, 2L), (result.Outcome, result.LastSeq)));
        var ids = string.Join(", ", accounts.Select(account => $"'{account.Value}'"));
        Assert.Equal(100, await database.ScalarAsync<long>($"SELECT count(*) FROM events WHERE account_id IN ({ids})"));
        var commits = await database.ScalarAsync<long>($"SELECT count(DISTINCT xmin::text) FROM events WHERE account_id IN ({ids})");
        Assert.InRange(commits, 1, 2);
    }

    [Fact]
    public async Task Append_BatchesOfOneAccountAtOnce_LandOneAfterTheOther()
    {
        var account = (await OpenAsync(1))[0];
        Task<AppendResult>[] appends;
        await using (await HoldLanesAsync())
        {
            appends = [.. Enumerable.Range(0, 20).Select(i =>
                _writer.AppendAsync(Events.Append(account, new LedgerHead(1, i, default, 0), Events.Make($"e{i}")), default))];
        }

        var results = await Task.WhenAll(appends);

        Assert.All(results, result => Assert.Equal(AppendOutcome.Committed, result.Outcome));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), results.Select(result => result.LastSeq));
    }

    [Fact]
    public async Task Append_SameIdsInManyAccounts_CountInEach()
    {
        var accounts = await OpenAsync(5);

        var results = await Task.WhenAll(accounts.Select(account => AppendAsync(account, Events.Make("same"))));

        Assert.All(results, result => Assert.Equal([true], result.Inserted.ToArray()));
    }

    [Fact]
    public async Task Append_OneAccountsBadData_FailsAlone()
    {
        var accounts = await OpenAsync(4);
        Task<AppendResult>[] appends;
        await using (await HoldLanesAsync())
        {
            appends =
            [
                AppendAsync(accounts[0], Events.Make("good")),
                AppendAsync(accounts[1], Events.Make("a NUL, which PostgreSQL has no place for: \0")),
                AppendAsync(accounts[2], Events.Make("more", nanos: long.MaxValue), Events.Make("than fits", nanos: 1)),
                AppendAsync(accounts[3], Events.Make("good")),
            ];
        }

        var results = await Task.WhenAll(appends);

        Assert.Equal(
            [AppendOutcome.Committed, AppendOutcome.Rejected, AppendOutcome.OutOfRange, AppendOutcome.Committed],
            results.Select(result => result.Outcome));
        Assert.NotNull(results[1].Error);
        Assert.IsType<OverflowException>(results[2].Error);
        Assert.Equal(new LedgerHead(1, 0, Usd.Zero, 0), await database.Ledger.HeadAsync(accounts[1], default));
    }

    [Fact]
    public async Task Append_TotalsBeyondTheirRange_SaysSoAndLeavesTheAccountUsable()
    {
        var account = (await OpenAsync(1))[0];
        await AppendAsync(account, Events.Make("all there is", nanos: long.MaxValue));

        var over = await _writer.AppendAsync(Events.Append(account, new(1, 1, default, 0), Events.Make("one more", nanos: 1)), default);
        var free = await _writer.AppendAsync(Events.Append(account, new(1, 1, default, 0), Events.Make("free", nanos: 0)), default);

        Assert.Equal(AppendOutcome.OutOfRange, over.Outcome);
        Assert.Equal(AppendOutcome.Committed, free.Outcome);
        Assert.Equal(new LedgerHead(1, 2, new Usd(long.MaxValue), 2), await database.Ledger.HeadAsync(account, default));
    }

    [Fact]
    public async Task Append_HeadKeptLocked_RejectsThatAccountAlone()
    {
        await using var impatient = new LedgerWriter(
            database.Db, database.Partitions, TimeProvider.System, new TestMeters(), Microsoft.Extensions.Logging.Abstractions.NullLogger<LedgerWriter>.Instance)
        {
            Timeouts = new LedgerTimeouts { StatementSeconds = 300, LockSeconds = 1 },
        };
        var accounts = await OpenAsync(2);
        await using var connection = await database.Db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var holder = new Npgsql.NpgsqlCommand(
            $"SELECT 1 FROM ledger_heads WHERE account_id = '{accounts[0].Value}' FOR UPDATE", connection);
        await holder.ExecuteNonQueryAsync();

        var results = await Task.WhenAll(accounts.Select(account =>
            impatient.AppendAsync(Events.Append(account, new(1, 0, default, 0), Events.Make("a")), default)));

        Assert.Equal([AppendOutcome.Rejected, AppendOutcome.Committed], results.Select(result => result.Outcome));
    }

    [Fact]
    public async Task Append_MoreThanMayWait_IsRefusedAndCancelledOnesWriteNothing()
    {
        const int rows = 5_000;
        var batch = Enumerable.Range(0, rows).Select(i => Events.Make($"e{i}")).ToList();
        var append = Events.Append(AccountId.New(), default, batch);
        using var cancel = new CancellationTokenSource();
        List<(AccountId Account, Task<AppendResult> Append)> waiting = [];
        await using (await HoldLanesAsync())
        {
            await Assert.ThrowsAsync<LedgerOverloadedException>(async () =>
            {
                while (true)
                {
                    var account = AccountId.New();
                    var one = _writer.AppendAsync(append with { Account = account }, cancel.Token);
                    if (one.IsFaulted)
                    {
                        await one;
                    }

                    waiting.Add((account, one));
                    Assert.InRange(waiting.Count, 0, 100);
                }
            });
            await cancel.CancelAsync();
        }

        Assert.InRange(waiting.Count, 10, 100);
        foreach (var (account, one) in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
            Assert.Equal(default, await database.Ledger.HeadAsync(account, default));
        }

        var after = (await OpenAsync(1))[0];
        Assert.Equal(AppendOutcome.Committed, (await AppendAsync(after, Events.Make("a"))).Outcome);
    }

    [Fact]
    public async Task Dispose_BatchesWaiting_FinishesThemAndTakesNoMore()
    {
        var accounts = await OpenAsync(10);
        Task<AppendResult>[] appends;
        Task closing;
        await using (await HoldLanesAsync())
        {
            appends = [.. accounts.Select(account => AppendAsync(account, Events.Make("a")))];
            closing = _writer.DisposeAsync().AsTask();
            Assert.False(closing.IsCompleted);
        }

        await closing;

        Assert.All(await Task.WhenAll(appends), result => Assert.Equal(AppendOutcome.Committed, result.Outcome));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AppendAsync(accounts[0], Events.Make("b")));
    }

    [Fact]
    public async Task Append_NoRowsOrDifferentWeeks_Throws()
    {
        var append = new LedgerAppend(AccountId.New(), 1, 0, ImmutableArray<LedgerRow>.Empty);
        await Assert.ThrowsAsync<ArgumentException>(() => _writer.AppendAsync(append, default));

        var twoWeeks = Events.Append(append.Account, default, Events.Make("a"), Events.Make("b", receivedAt: Events.Now.AddDays(7)));
        await Assert.ThrowsAsync<ArgumentException>(() => _writer.AppendAsync(twoWeeks, default));
    }

    /// <summary>Keeps every lane of the writer busy with a commit that waits, so that what comes next gathers.</summary>
    private async Task<IAsyncDisposable> HoldLanesAsync()
    {
        var holds = new HeldLanes();
        foreach (var account in await OpenAsync(LedgerWriter.MaxLanes))
        {
            holds.Add(await database.HoldCommitsAsync(account));
            _ = AppendAsync(account, Events.Make("holds the lane"));
            await database.LockWaitersAsync(holds.Count);
        }

        return holds;
    }

    private async Task<AccountId[]> OpenAsync(int count)
    {
        var accounts = Enumerable.Range(0, count).Select(_ => AccountId.New()).ToArray();
        foreach (var account in accounts)
        {
            await database.TakeEpochAsync(account);
        }

        return accounts;
    }

    private Task<AppendResult> AppendAsync(AccountId account, params Domain.Events.LedgerEvent[] events) =>
        _writer.AppendAsync(Events.Append(account, new LedgerHead(1, 0, default, 0), events), default);

    private sealed class HeldLanes : List<IAsyncDisposable>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var held in this)
            {
                await held.DisposeAsync();
            }
        }
    }
}
