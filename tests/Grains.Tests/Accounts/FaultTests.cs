using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Accounts;

/// <summary>Lost replies, lost requests, a database that is away, and two activations of one account.</summary>
public sealed class FaultTests(PostgresFixture postgres) : GrainTest(postgres)
{
    /// <summary>Far more than two activations that take the ledger from each other can cost one batch.</summary>
    private const int MostTries = 1_000;

    /// <summary>Only so that a test that fails ends.</summary>
    private static readonly TimeSpan LongerThanAnyAnswer = TimeSpan.FromMinutes(1);

    private CuttingProxy _wire = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var direct = Host;
        _wire = new CuttingProxy(ConnectionString);
        ConnectionStringOfWire = _wire.ConnectionString;
        Cut = await GrainHost.StartAsync(ConnectionStringOfWire, Clock);
        Direct = direct;
    }

    private string ConnectionStringOfWire { get; set; } = "";

    /// <summary>Grains whose database is reached through the wire.</summary>
    private GrainHost Cut { get; set; } = null!;

    private GrainHost Direct { get; set; } = null!;

    public override async Task DisposeAsync()
    {
        _wire.Restore();
        await Cut.DisposeAsync();
        await _wire.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Record_ReplyLostAfterCommit_IsCountedOnce()
    {
        var account = await Cut.SignUpAsync();
        await CreateCapAsync(account, "1", host: Cut);
        await Cut.RecordAsync(account, [Event("before", "0.1")]);

        var cut = _wire.LoseReplyTo("lost-reply");
        var result = await Cut.RecordAsync(account, [Event("lost-reply", "0.2"), Event("same-batch", "0.2")]);
        await cut;

        Assert.Equal(new RecordResult(RecordOutcome.Recorded, 0, 2, []), result);
        Assert.Equal(new Spend(Dollars("0.5"), 3), (await Cut.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account, Cut);
    }

    [Fact]
    public async Task Record_RequestLost_IsCountedOnce()
    {
        var account = await Cut.SignUpAsync();
        await CreateCapAsync(account, "1", host: Cut);
        await Cut.RecordAsync(account, [Event("before", "0.1")]);

        var cut = _wire.LoseRequest("lost-request");
        var result = await Cut.RecordAsync(account, [Event("lost-request", "0.2")]);
        await cut;

        Assert.Equal(new RecordResult(RecordOutcome.Recorded, 1, 0, []), result);
        Assert.Equal(new Spend(Dollars("0.3"), 2), (await Cut.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account, Cut);
    }

    [Fact]
    public async Task Record_ReplyLostAcrossAWeekBoundary_IsCountedOnceWhoeverSendsItAgain()
    {
        // Sunday, a moment before midnight UTC: the next partition of the ledger begins.
        Clock.Advance(new DateTimeOffset(2026, 3, 22, 23, 59, 59, 900, TimeSpan.Zero) - Clock.GetUtcNow());
        var account = await Cut.SignUpAsync();
        await CreateCapAsync(account, "1", host: Cut);
        await Cut.RecordAsync(account, [Event("before", "0.1")]);
        var sunday = Event("lost-reply", "0.2");

        var cut = _wire.LoseReplyTo("lost-reply");
        var first = await Cut.Account(account).RecordAsync(new EventBatch([sunday]));
        await cut;
        Assert.Equal(RecordOutcome.SendAgain, first.Outcome);
        Clock.Advance(TimeSpan.FromSeconds(1));

        // The client has given up waiting and sends it anew on Monday; only then does the server send it again with its first receipt.
        var monday = await Cut.RecordAsync(account, [sunday with { ReceivedAt = Clock.GetUtcNow() }]);
        var again = await Cut.RecordAsync(account, [sunday]);

        Assert.Equal((0, 1), (monday.Created, monday.Skipped));
        Assert.Equal((0, 1), (again.Created, again.Skipped));
        Assert.Equal(new Spend(Dollars("0.3"), 2), (await Cut.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account, Cut);
    }

    [Fact]
    public async Task Record_RequestLostAcrossAWeekBoundary_IsCountedOnceWhoeverSendsItAgain()
    {
        Clock.Advance(new DateTimeOffset(2026, 3, 22, 23, 59, 59, 900, TimeSpan.Zero) - Clock.GetUtcNow());
        var account = await Cut.SignUpAsync();
        var sunday = Event("lost-request", "0.2");
        await Cut.RecordAsync(account, [Event("before", "0.1")]);

        var cut = _wire.LoseRequest("lost-request");
        Assert.Equal(RecordOutcome.SendAgain, (await Cut.Account(account).RecordAsync(new EventBatch([sunday]))).Outcome);
        await cut;
        Clock.Advance(TimeSpan.FromSeconds(1));
        var monday = await Cut.RecordAsync(account, [sunday with { ReceivedAt = Clock.GetUtcNow() }]);
        var again = await Cut.RecordAsync(account, [sunday]);

        Assert.Equal((1, 0), (monday.Created, monday.Skipped));
        Assert.Equal((0, 1), (again.Created, again.Skipped));
        Assert.Equal(2, (await Cut.Account(account).GetTotalsAsync()).Overall.Calls);
    }

    [Fact]
    public async Task Record_TwoActivationsByTurns_CountEachIdOnceAcrossAWeek()
    {
        Clock.Advance(new DateTimeOffset(2026, 3, 22, 23, 59, 59, 900, TimeSpan.Zero) - Clock.GetUtcNow());
        var account = await Direct.SignUpAsync();
        await using var other = await GrainHost.StartAsync(ConnectionString, Clock);
        await CreateCapAsync(account, "100", host: Direct);
        var sent = 0;
        for (var round = 0; round < 6; round++)
        {
            var batch = Events(5, $"round{round}");
            sent += batch.Length;

            // Each activation takes the ledger from the other; both send the same events.
            var mine = await Direct.RecordAsync(account, [.. batch]);
            var theirs = await other.RecordAsync(account, [.. batch]);
            Assert.Equal((5, 0), (mine.Created, mine.Skipped));
            Assert.Equal((0, 5), (theirs.Created, theirs.Skipped));
            Clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(sent, (await other.Account(account).GetTotalsAsync()).Overall.Calls);
        await AssertCapsEqualLedgerAsync(account, other);
    }

    [Fact]
    public async Task Record_TwoActivationsAtOnce_CountEachIdOnce()
    {
        var account = await Direct.SignUpAsync();
        await using var other = await GrainHost.StartAsync(ConnectionString, Clock);
        await CreateCapAsync(account, "100", host: Direct);
        var all = Events(300);

        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => Task.Run(
            async () =>
            {
                var host = n % 2 == 0 ? Direct : other;
                var batch = all.Skip(n * 10).Take(20).ToArray();

                // A client repeats what was not acknowledged.
                for (var tries = 0; tries < MostTries; tries++)
                {
                    if (await host.RecordAsync(account, [.. batch]) is { Outcome: RecordOutcome.Recorded } result)
                    {
                        return result.Created;
                    }
                }

                throw new InvalidOperationException($"not recorded in {MostTries} tries");
            })));

        Assert.True(results.Sum() <= 300);
        await using var judge = await GrainHost.StartAsync(ConnectionString, Clock);
        Assert.Equal(new Spend(Dollars("3"), 300), (await judge.Account(account).GetTotalsAsync()).Overall);
        await AssertCapsEqualLedgerAsync(account, judge);
    }

    [Fact]
    public async Task DatabaseAway_IngestIsRefused_ChecksGoOn_AllRecovers()
    {
        var account = await Cut.SignUpAsync();
        await CreateCapAsync(account, "1", host: Cut);
        await Cut.RecordAsync(account, [Event("a", "0.5")]);

        _wire.Refuse();
        Assert.Equal(RecordOutcome.Unavailable, (await Cut.RecordAsync(account, [Event("b", "0.5")])).Outcome);
        var check = await Cut.Account(account).CheckAsync(Labels(), unpriced: false);
        Assert.True(check.Allowed);
        await Assert.ThrowsAsync<AccountUnavailableException>(() => CreateCapAsync(account, "2", host: Cut));
        Assert.True((await Cut.Account(account).CheckAsync(Labels(), unpriced: false)).Stale);

        _wire.Restore();
        Assert.Equal(new RecordResult(RecordOutcome.Recorded, 1, 0, []), await Cut.RecordAsync(account, [Event("b", "0.5")]));
        var after = await Cut.Account(account).CheckAsync(Labels(), unpriced: false);
        Assert.Equal((false, false), (after.Allowed, after.Stale));
        await AssertCapsEqualLedgerAsync(account, Cut);
    }

    [Fact]
    public async Task DatabaseAway_AccountNotLoadedYet_IsUnavailableUntilItIsBack()
    {
        var account = await Direct.SignUpAsync();
        _wire.Refuse();
        await Assert.ThrowsAsync<AccountUnavailableException>(() => Cut.Account(account).GetSettingsAsync());

        _wire.Restore();
        Assert.Equal("UTC", (await Cut.Account(account).GetSettingsAsync()).TimeZone);
    }

    [Fact]
    public async Task DatabaseBack_WithoutACaller_TotalsStopBeingStale()
    {
        var account = await Cut.SignUpAsync();
        await Cut.RecordAsync(account, [Event("a", "0.5")]);
        _wire.Refuse();
        await Cut.RecordAsync(account, [Event("b", "0.5")]);
        await Assert.ThrowsAsync<AccountUnavailableException>(() => CreateCapAsync(account, "2", host: Cut));
        _wire.Restore();

        while ((await Cut.Account(account).GetTotalsAsync()).Stale)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, (await Cut.Account(account).GetTotalsAsync()).Overall.Calls);
    }

    [Fact]
    public async Task ChangeCap_CapCouldNotReadIt_ReadsItWithTheNextCommit()
    {
        var account = await Cut.SignUpAsync();
        var cap = (await CreateCapAsync(account, "1", host: Cut)).Cap.Id;
        await Cut.RecordAsync(account, [Event("before", "0.5")]);

        var cut = _wire.LoseRequest("FROM caps WHERE id = $1");
        await Cut.Account(account).ChangeCapAsync(cap, new CapChange { Limit = Dollars("0.4") });
        await cut;
        await Cut.RecordAsync(account, [Event("after", "0.01")]);

        var progress = await Cut.Grains.GetGrain<ICapGrain>(cap.ToString()).GetProgressAsync();
        Assert.Equal(Dollars("0.51"), progress.Spent);
        Assert.NotNull(progress.ExceededAt);
    }

    [Fact]
    public async Task Record_AccountCannotBeReadAnew_IsRefusedAndNotLeftWaiting()
    {
        var account = await Cut.SignUpAsync();
        await Cut.RecordAsync(account, [Event("before", "0.1")]);
        await ExecuteAsync($"UPDATE accounts SET time_zone = 'Nowhere/Land' WHERE id = '{account}'");
        var cut = _wire.LoseRequest("lost-request");
        Assert.Equal(RecordOutcome.SendAgain, (await Cut.Account(account).RecordAsync(new EventBatch([Event("lost-request")]))).Outcome);
        await cut;

        // The clock of the test stands still: a call that nobody answers would never time out.
        var again = await Cut.RecordAsync(account, [Event("again")]).WaitAsync(LongerThanAnyAnswer);
        Assert.Equal(RecordOutcome.Unavailable, again.Outcome);

        await ExecuteAsync($"UPDATE accounts SET time_zone = 'UTC' WHERE id = '{account}'");
        Assert.Equal(RecordOutcome.Recorded, (await Cut.RecordAsync(account, [Event("again")])).Outcome);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task CreateCap_ByASupersededActivation_LeavesNothing()
    {
        var account = await Direct.SignUpAsync();
        await using var other = await GrainHost.StartAsync(ConnectionString, Clock);
        await Direct.Account(account).GetCapsAsync();
        await other.Account(account).GetCapsAsync();

        await Assert.ThrowsAsync<AccountUnavailableException>(() => CreateCapAsync(account, "1", host: Direct));

        Assert.Empty(await other.Account(account).GetCapsAsync());
        Assert.Empty(await Direct.Account(account).GetCapsAsync());
        await CreateCapAsync(account, "1", host: Direct);
    }
}
