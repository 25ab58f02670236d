using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>What the ledger measures: by outcome, in size, and what waits.</summary>
public sealed class LedgerMetricsTests : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private readonly StorageDatabase _database;
    private readonly TestMeters _meters = new();
    private readonly Measurements _measured;
    private readonly LedgerWriter _writer;

    public LedgerMetricsTests(StorageDatabase database)
    {
        _database = database;
        _measured = new Measurements(_meters);
        _writer = database.CreateWriter(meters: _meters);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _writer.DisposeAsync();
        _measured.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Append_Committed_RecordsSizeAndTimeOfTheCommit()
    {
        var account = await OpenAsync();

        await AppendAsync(account, "a", "b", "c");

        Assert.Equal(3, Assert.Single(_measured.Of("llmobserve.ledger.commit.rows")).Value);
        Assert.Equal(1, Assert.Single(_measured.Of("llmobserve.ledger.commit.accounts")).Value);
        Assert.InRange(Assert.Single(_measured.Of("llmobserve.ledger.commit.duration", "outcome", "committed")).Value, 0.000_001m, 600);
        Assert.InRange(Assert.Single(_measured.Of("llmobserve.ledger.append.duration", "outcome", "committed")).Value, 0.000_001m, 600);
        Assert.Equal(1, _measured.Sum("llmobserve.ledger.appends", "outcome", "committed"));
    }

    [Fact]
    public async Task Append_OfAnEndedEpoch_CountsAsFenced()
    {
        var account = await OpenAsync();
        await OpenAsync(account);

        await AppendAsync(account, "a");

        Assert.Equal(1, _measured.Sum("llmobserve.ledger.appends", "outcome", "fenced"));
        Assert.Equal(0, _measured.Sum("llmobserve.ledger.appends", "outcome", "committed"));
    }

    [Fact]
    public async Task Append_DataThatTheDatabaseRefuses_CountsAsRejectedAndHasNoSize()
    {
        var account = await OpenAsync();

        await AppendAsync(account, "a NUL: \0");

        Assert.Equal(1, _measured.Sum("llmobserve.ledger.appends", "outcome", "rejected"));
        Assert.Single(_measured.Of("llmobserve.ledger.commit.duration", "outcome", "rejected"));
        Assert.Empty(_measured.Of("llmobserve.ledger.commit.rows"));
    }

    [Fact]
    public async Task Append_ReplyLost_CountsAsUnknown()
    {
        await using var proxy = new CuttingProxy(_database.ConnectionString);
        await using var through = NpgsqlDataSource.Create(proxy.ConnectionString);
        using var meters = new TestMeters();
        using var measured = new Measurements(meters);
        await using var writer = _database.CreateWriter(through, meters);
        var account = await OpenAsync();

        // The first commit of a connection carries the statement's text to be prepared: the cut comes with the second.
        await writer.AppendAsync(Append(AccountId.New(), "x"), default);
        var cut = proxy.LoseReplyTo("lost-by-metrics");

        await writer.AppendAsync(Append(account, "lost-by-metrics"), default);
        await cut;

        Assert.Equal(1, measured.Sum("llmobserve.ledger.appends", "outcome", "unknown"));
        Assert.Single(measured.Of("llmobserve.ledger.commit.duration", "outcome", "unknown"));
    }

    [Fact]
    public async Task Append_NoConnection_CountsAsNotSent()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        using var meters = new TestMeters();
        using var measured = new Measurements(meters);
        await using var writer = _database.CreateWriter(nowhere, meters);

        await writer.AppendAsync(Append(AccountId.New(), "a"), default);

        Assert.Single(measured.Of("llmobserve.ledger.commit.duration", "outcome", "not_sent"));
        Assert.Equal(1, measured.Sum("llmobserve.ledger.appends", "outcome", "rejected"));
    }

    [Fact]
    public async Task Queue_WhileACommitRuns_ShowsWhatWaits()
    {
        var account = await OpenAsync();
        Task<AppendResult>[] appends;
        await using (await _database.HoldCommitsAsync(account))
        {
            // One account has one commit at a time: the second batch waits, whatever lane is free.
            appends = [AppendAsync(account, "first"), AppendAsync(account, "second")];
            await _database.LockWaitersAsync(1);
            _measured.Observe();
        }

        await Task.WhenAll(appends);
        Assert.Equal(1, Assert.Single(_measured.Of("llmobserve.ledger.queue.batches")).Value);
        Assert.True(Assert.Single(_measured.Of("llmobserve.ledger.queue.size")).Value > 0);
    }

    private async Task<AccountId> OpenAsync(AccountId? account = null)
    {
        var id = account ?? AccountId.New();
        await _database.TakeEpochAsync(id);
        return id;
    }

    private Task<AppendResult> AppendAsync(AccountId account, params string[] ids) => _writer.AppendAsync(Append(account, ids), default);

    private static LedgerAppend Append(AccountId account, params string[] ids) =>
        Events.Append(account, new LedgerHead(1, 0, default, 0), ids.Select(id => Events.Make(id)));
}
