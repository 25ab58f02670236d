using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>What is durable of holds while their account lives: a ceiling for each cap.</summary>
public sealed class CeilingTests(PostgresFixture postgres) : HoldTest(postgres)
{
    private const string Writes = "llmobserve.holds.ceiling.writes";

    [Fact]
    public async Task Hold_Granted_IsUnderACeilingOfEveryHardCapThatMatches()
    {
        var account = await Host.SignUpAsync();
        var all = await CreateCapAsync(account, "1");
        var model = await CreateCapAsync(account, "0.5", new CapScope(CapType.Model, "gpt-4o"), CapPeriod.Daily);
        await CreateCapAsync(account, "0.5", new CapScope(CapType.Customer, "beta"));
        await CreateCapAsync(account, "0.5", new CapScope(CapType.Agent, "writer"), enforcement: CapEnforcement.Alert);
        var off = await CreateCapAsync(account, "0.5", new CapScope(CapType.Provider, "openai"));
        await ChangeAsync(account, off, new CapChange { Enabled = false });

        var hold = await GrantAsync(account, "0.2", time: TimeSpan.FromMinutes(20));

        var ceilings = await CeilingsAsync(account);
        Assert.Equal(new[] { all.Cap.Id, model.Cap.Id }.ToHashSet(), ceilings.Select(ceiling => ceiling.Cap).ToHashSet());
        Assert.Single(ceilings.Select(ceiling => ceiling.Activation).Distinct());
        Assert.All(ceilings, ceiling => Assert.InRange(ceiling.Until, hold.ExpiresAt, hold.ExpiresAt.AddMinutes(2)));

        // What is held and a twentieth of the limit, so that the next need not wait.
        Assert.Equal(Dollars("0.25"), ceilings.Single(ceiling => ceiling.Cap == all.Cap.Id).Amount);
        Assert.Equal(Dollars("0.225"), ceilings.Single(ceiling => ceiling.Cap == model.Cap.Id).Amount);
    }

    [Fact]
    public async Task Hold_NearTheLimit_LeavesHalfOfWhatIsLeftOutsideTheCeiling()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await Host.RecordAsync(account, [Event(cost: "0.9")]);

        await GrantAsync(account, "0.08");

        Assert.Equal(Dollars("0.09"), Assert.Single(await CeilingsAsync(account)).Amount);
    }

    [Fact]
    public async Task Hold_Thousands_ShareAFewWrites()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1000");
        await CreateCapAsync(account, "1000", new CapScope(CapType.Model, "gpt-4o"));

        for (var second = 0; second < 60; second++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GrantAsync(account, "0.01")));
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1_200, measured.Sum("llmobserve.holds.granted"));
        Assert.InRange(measured.Sum(Writes), 1, 3);
        Assert.Equal(measured.Sum(Writes), measured.Sum(Writes, "outcome", "written"));
    }

    [Fact]
    public async Task Tick_NothingHeldAnyMore_TakesTheCeilingsAway()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await CreateCapAsync(account, "1", new CapScope(CapType.Model, "gpt-4o"));
        await SettleAsync(account, await GrantAsync(account, "0.2"), "0.1");
        await Host.Account(account).ReleaseHoldAsync((await GrantAsync(account, "0.2")).Id);
        Assert.Equal(2, (await CeilingsAsync(account)).Count);

        await PassUntilAsync(async () => (await CeilingsAsync(account)).Count == 0);
    }

    [Fact]
    public async Task Tick_LongHoldGone_ShortensTheCeilingToTheOthers()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var (longest, shortest) = (await GrantAsync(account, "0.5", time: TimeSpan.FromHours(1)), await GrantAsync(account, "0.2", time: TimeSpan.FromMinutes(30)));
        await Host.Account(account).ReleaseHoldAsync(longest.Id);

        await PassUntilAsync(async () => Assert.Single(await CeilingsAsync(account)).Until == shortest.ExpiresAt);

        Assert.Equal(Dollars("0.25"), Assert.Single(await CeilingsAsync(account)).Amount);
    }

    [Fact]
    public async Task Tick_MuchLessHeldThanBefore_LowersTheCeiling()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var (large, small) = (await GrantAsync(account, "0.8", time: TimeSpan.FromHours(1)), await GrantAsync(account, "0.01", time: TimeSpan.FromHours(1)));
        await SettleAsync(account, large, "0.1");

        await PassUntilAsync(async () => Assert.Single(await CeilingsAsync(account)).Amount == Dollars("0.06"));

        // A crash keeps no more than that.
        await using var next = await GrainHost.StartAsync(ConnectionString, Clock);
        Assert.Equal((Dollars("0.1"), Dollars("0.06")), await StandingAsync(account, cap, next));
        Assert.Equal(small, await StateAsync(account, small));
    }

    [Fact]
    public async Task Tick_HoldExpiredWithoutACaller_TakesItsCeilingAway()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.2", time: TimeSpan.FromMinutes(1));

        await PassUntilAsync(async () => (await CeilingsAsync(account)).Count == 0);

        Assert.Equal(1, measured.Sum("llmobserve.holds.ended", "how", "expired"));
        Assert.Equal(0, measured.Sum("llmobserve.holds.open"));
    }

    [Fact]
    public async Task Hold_WithoutHardCaps_WritesNothing()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1", enforcement: CapEnforcement.Alert);
        await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"));

        await GrantAsync(account, "0.5");
        await GrantAsync(account, "50", Labels("beta"));
        await GrantAsync(account, "0", Labels("acme"));

        Assert.Empty(await CeilingsAsync(account));
        Assert.Empty(measured.Of(Writes));
    }

    [Fact]
    public async Task Hold_RoomThatAReleaseGaveBack_IsHeldAgainAfterAWrite()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        for (var i = 0; i < 3; i++)
        {
            await Host.Account(account).ReleaseHoldAsync((await GrantAsync(account, "1")).Id);
        }

        // Each needed one: nothing else has shown meanwhile that the account is still this activation's.
        Assert.Equal(3, measured.Sum(Writes));

        // A commit shows it as well.
        await Host.Account(account).ReleaseHoldAsync((await GrantAsync(account, "0.5")).Id);
        var before = measured.Sum(Writes);
        await Host.RecordAsync(account, [Event(cost: "0.01")]);
        await GrantAsync(account, "0.5");
        Assert.Equal(before, measured.Sum(Writes));
    }

    [Fact]
    public async Task Hold_RoomGivenBackWhileACeilingIsWritten_WaitsForTheNextWrite()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.5");
        Task<HoldAnswer> asking;
        await using (var database = NpgsqlDataSource.Create(ConnectionString))
        await using (var connection = await database.OpenConnectionAsync())
        await using (var other = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand($"SELECT FROM ledger_heads WHERE account_id = '{account}' FOR UPDATE", connection, other);
            await command.ExecuteNonQueryAsync();
            asking = HoldAsync(account, Request("0.4"));
            await AwaitLockWaiterAsync();

            await Host.Account(account).ReleaseHoldAsync(hold.Id);
        }

        Assert.Equal(HoldAnswerKind.Granted, (await asking).Kind);
        Assert.Equal(2, measured.Sum(Writes));

        // The ceiling has room for it. But that write began before the room was given back, and so it shows nothing.
        await GrantAsync(account, "0.5");
        Assert.Equal(3, measured.Sum(Writes));
    }

    [Fact]
    public async Task Hold_ThatSettlesEachTime_NeedsNoFurtherWrite()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "10");
        for (var i = 0; i < 20; i++)
        {
            await SettleAsync(account, await GrantAsync(account, "0.3"), "0.1");
        }

        Assert.Equal(1, measured.Sum(Writes));
        await AssertCapsEqualLedgerAsync(account);
    }
}
