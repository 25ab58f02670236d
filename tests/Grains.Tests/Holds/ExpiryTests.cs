using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>How holds end without an event, and how they last longer.</summary>
public sealed class ExpiryTests(PostgresFixture postgres) : HoldTest(postgres)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task Hold_WhenItsTimeIsOver_IsFreeAtThatMoment()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(2));
        await GrantAsync(account, "0.1", time: TimeSpan.FromMinutes(3));

        Clock.Advance(TimeSpan.FromMinutes(2) - s_tick);
        Assert.Equal(Dollars("0.7"), await HeldAsync(account, cap));
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.4"));

        Clock.Advance(s_tick);
        Assert.Equal(Dollars("0.1"), await HeldAsync(account, cap));
        Assert.Equal(hold with { Status = HoldStatus.Expired, EndedAt = Clock.GetUtcNow() }, await StateAsync(account, hold));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.9"));
    }

    [Fact]
    public async Task Release_AgainAndAgain_GivesBackOnce()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6");
        await GrantAsync(account, "0.3");

        var first = await Host.Account(account).ReleaseHoldAsync(hold.Id);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await Host.Account(account).ReleaseHoldAsync(hold.Id);

        Assert.Equal((HoldAnswerKind.Granted, HoldStatus.Released), (first.Kind, first.Hold!.Status));
        Assert.Equal((first.Kind, first.Hold), (second.Kind, second.Hold));
        Assert.Equal(Dollars("0.3"), await HeldAsync(account, cap));
        Assert.Equal(HoldAnswerKind.NotFound, (await Host.Account(account).ReleaseHoldAsync(HoldId.New())).Kind);
    }

    [Fact]
    public async Task Release_OfASettledHold_ChangesNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6");
        await SettleAsync(account, hold, "0.4");

        Assert.Equal(HoldStatus.Settled, (await Host.Account(account).ReleaseHoldAsync(hold.Id)).Hold!.Status);

        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
    }

    [Fact]
    public async Task Extend_AnOpenHold_KeepsItFromNowOnAndNeverShorter()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(2));
        Clock.Advance(TimeSpan.FromMinutes(1));

        var longer = await Host.Account(account).ExtendHoldAsync(hold.Id, TimeSpan.FromMinutes(10));
        var shorter = await Host.Account(account).ExtendHoldAsync(hold.Id, TimeSpan.FromMinutes(1));

        Assert.Equal((HoldAnswerKind.Granted, Clock.GetUtcNow().AddMinutes(10)), (longer.Kind, longer.Hold!.ExpiresAt));
        Assert.Equal((HoldAnswerKind.Granted, longer.Hold), (shorter.Kind, shorter.Hold));
        Clock.Advance(TimeSpan.FromMinutes(10) - s_tick);
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
        Clock.Advance(s_tick);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Extend_AgainAndAgain_EndsADayAfterTheGrant()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: HoldLimits.MaxTime);
        for (var hours = 0; hours < 47; hours++)
        {
            Clock.Advance(TimeSpan.FromMinutes(30));
            Assert.Equal(HoldAnswerKind.Granted, (await Host.Account(account).ExtendHoldAsync(hold.Id, HoldLimits.MaxTime)).Kind);
        }

        Assert.Equal(hold.GrantedAt.AddHours(24), (await StateAsync(account, hold)).ExpiresAt);
        Clock.Advance(TimeSpan.FromMinutes(30) - s_tick);
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
        Clock.Advance(s_tick);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Extend_UnknownOrEnded_SaysSo()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(1));
        Clock.Advance(TimeSpan.FromMinutes(1));

        var ended = await Host.Account(account).ExtendHoldAsync(hold.Id, TimeSpan.FromMinutes(1));

        Assert.Equal((HoldAnswerKind.Ended, HoldStatus.Expired), (ended.Kind, ended.Hold!.Status));
        Assert.Equal(HoldAnswerKind.NotFound, (await Host.Account(account).ExtendHoldAsync(HoldId.New(), TimeSpan.FromMinutes(1))).Kind);
    }

    [Fact]
    public async Task Extend_BeyondItsCeiling_RaisesThatFirst()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(10));

        await Host.Account(account).ExtendHoldAsync(hold.Id, TimeSpan.FromMinutes(30));

        var ceiling = Assert.Single(await CeilingsAsync(account));
        Assert.True(ceiling.Amount >= Dollars("0.6"));
        Assert.InRange(ceiling.Until, Clock.GetUtcNow().AddMinutes(30), Clock.GetUtcNow().AddMinutes(33));
    }

    [Fact]
    public async Task Expiry_WallClockStepsBack_ComesWhenTheTimeHasPassed()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(10));
        Clock.Advance(TimeSpan.FromMinutes(1));

        Clock.StepWall(TimeSpan.FromHours(-1));
        Clock.Advance(TimeSpan.FromMinutes(9) - s_tick);
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
        var later = await GrantAsync(account, "0.3", time: TimeSpan.FromMinutes(5));
        Assert.Equal(Clock.GetUtcNow().AddMinutes(5), later.ExpiresAt);

        Clock.Advance(s_tick);
        Assert.Equal(Dollars("0.3"), await HeldAsync(account, cap));
        Clock.Advance(TimeSpan.FromMinutes(5) - s_tick);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Expiry_WallClockStepsAhead_FollowsIt()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(10));

        Clock.StepWall(TimeSpan.FromMinutes(10));

        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
        await GrantAsync(account, "1", time: TimeSpan.FromMinutes(10));
        Clock.StepWall(TimeSpan.FromMinutes(-10));
        Assert.Equal(Dollars("1"), await HeldAsync(account, cap));
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Expiry_WhileItsEventIsOnTheWay_WaitsForTheOutcome()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromSeconds(2));
        Task<RecordResult> settling;
        await using (var database = NpgsqlDataSource.Create(ConnectionString))
        await using (var connection = await database.OpenConnectionAsync())
        await using (var other = await connection.BeginTransactionAsync())
        {
            // Nothing lands in the ledger as long as its head is another's.
            await using var command = new NpgsqlCommand($"SELECT FROM ledger_heads WHERE account_id = '{account}' FOR UPDATE", connection, other);
            await command.ExecuteNonQueryAsync();
            settling = Host.RecordAsync(account, [EventOf(hold, "0.4")]);
            await AwaitLockWaiterAsync();
            Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
            Clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal((Dollars("0"), Dollars("0.6")), await StandingAsync(account, cap));
            Assert.Equal(HoldStatus.Open, (await StateAsync(account, hold)).Status);
            Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.5"));
        }

        Assert.Empty((await settling).Holds);
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Settled, (await StateAsync(account, hold)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Release_WhileItsEventIsOnTheWay_WaitsForTheOutcome(bool lands)
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6");
        var cost = lands ? "0.4" : Usd.MaxValue.ToString();
        await Host.RecordAsync(account, [Event(cost: "0.01", customer: "other")]);
        Task<RecordResult> settling;
        await using (var database = NpgsqlDataSource.Create(ConnectionString))
        await using (var connection = await database.OpenConnectionAsync())
        await using (var other = await connection.BeginTransactionAsync())
        {
            // Nothing lands in the ledger as long as its head is another's.
            await using var command = new NpgsqlCommand($"SELECT FROM ledger_heads WHERE account_id = '{account}' FOR UPDATE", connection, other);
            await command.ExecuteNonQueryAsync();
            settling = Host.RecordAsync(account, [EventOf(hold, cost)]);
            await AwaitLockWaiterAsync();
            Assert.Equal(HoldStatus.Open, (await Host.Account(account).ReleaseHoldAsync(hold.Id)).Hold!.Status);
            Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
            Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.5"));
        }

        var result = await settling;
        Assert.Equal(
            lands ? (RecordOutcome.Recorded, HoldStatus.Settled) : (RecordOutcome.OutOfRange, HoldStatus.Released),
            (result.Outcome, (await StateAsync(account, hold)).Status));
        Assert.True(result.Holds.IsDefaultOrEmpty);
        Assert.Equal((Dollars(lands ? "0.41" : "0.01"), Dollars("0")), await StandingAsync(account, cap));
    }

    [Fact]
    public async Task PeriodEnd_WithHoldsOut_TheyStayHeldAndCostsCountWhereTheirCallsEnded()
    {
        Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromMinutes(5));
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", period: CapPeriod.Daily);
        await Host.RecordAsync(account, [Event(cost: "0.3")]);
        var (before, after) = (await GrantAsync(account, "0.3"), await GrantAsync(account, "0.4"));
        var yesterday = Clock.GetUtcNow().AddMinutes(1);

        Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((Dollars("0"), Dollars("0.7")), await StandingAsync(account, cap));
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.4"));

        await Host.RecordAsync(account, [EventOf(before, "0.3", at: yesterday)]);
        Assert.Equal((Dollars("0"), Dollars("0.4")), await StandingAsync(account, cap));
        await SettleAsync(account, after, "0.4");
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
        await AssertCapsEqualLedgerAsync(account);
    }
}
