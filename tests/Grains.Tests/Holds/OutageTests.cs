using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>Holds while the wire to the database is cut, or loses a reply.</summary>
public sealed class OutageTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>What only a write of ceilings sends.</summary>
    private const string CeilingWrite = "INSERT INTO cap_ceilings";

    private CuttingProxy _wire = null!;

    /// <summary>Grains whose database is reached through the wire.</summary>
    private GrainHost Cut { get; set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _wire = new CuttingProxy(ConnectionString);
        Cut = await GrainHost.StartAsync(_wire.ConnectionString, Clock);
    }

    public override async Task DisposeAsync()
    {
        _wire.Restore();
        await Cut.DisposeAsync();
        await _wire.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task DatabaseAway_InsideTheCeilingIsGranted_BeyondItIsRefused_AllRecovers()
    {
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        var hold = await GrantAsync(account, "0.1", host: Cut);

        _wire.Refuse();
        await Assert.ThrowsAsync<AccountUnavailableException>(() => CreateCapAsync(account, "2", host: Cut));
        var inside = await HoldAsync(account, Request("0.05"), Cut);
        Assert.Equal((HoldAnswerKind.Granted, true), (inside.Kind, inside.Check.Stale));
        var beyond = await HoldAsync(account, Request("0.01"), Cut);
        Assert.Equal((HoldAnswerKind.Unavailable, null), (beyond.Kind, beyond.Hold));
        Assert.Equal(HoldAnswerKind.Unavailable, (await Cut.Account(account).ExtendHoldAsync(hold.Id, TimeSpan.FromMinutes(30))).Kind);
        Assert.Equal(Dollars("0.15"), await HeldAsync(account, cap, Cut));
        Assert.Equal(HoldStatus.Released, (await Cut.Account(account).ReleaseHoldAsync(inside.Hold!.Id)).Hold!.Status);

        // What that gave back must wait as well: nothing shows that the account is still this activation's.
        Assert.Equal(HoldAnswerKind.Unavailable, (await HoldAsync(account, Request("0.05"), Cut)).Kind);

        _wire.Restore();
        await SettleAsync(account, hold, "0.1", Cut);
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.01", host: Cut));
        Assert.Equal((Dollars("0.1"), Dollars("0.01")), await StandingAsync(account, cap, Cut));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.89", host: Cut));
        Assert.False((await Cut.Account(account).CheckAsync(Labels(), unpriced: false)).Stale);
    }

    [Fact]
    public async Task DatabaseAway_CeilingOfAnOpenLedger_IsRefusedAndNothingIsHeld()
    {
        using var measured = Measure(Cut);
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        await GrantAsync(account, "0.1", host: Cut);

        _wire.Refuse();
        Assert.Equal(HoldAnswerKind.Unavailable, await KindAsync(account, "0.2", host: Cut));
        Assert.Equal(Dollars("0.1"), await HeldAsync(account, cap, Cut));
        Assert.Equal(1, measured.Sum("llmobserve.holds.ceiling.writes", "outcome", "failed"));

        _wire.Restore();
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.2", host: Cut));
    }

    [Fact]
    public async Task Hold_ReplyToItsCeilingLost_IsRefusedAndGrantedWhenAskedAgain()
    {
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        var request = Request("0.2");

        var cut = _wire.LoseReplyTo(CeilingWrite);
        Assert.Equal(HoldAnswerKind.Unavailable, (await HoldAsync(account, request, Cut)).Kind);
        await cut;
        Assert.Equal(Dollars("0.25"), Assert.Single(await CeilingsAsync(account)).Amount);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap, Cut));

        Assert.Equal(HoldAnswerKind.Granted, (await HoldAsync(account, request, Cut)).Kind);
        Assert.Equal(Dollars("0.2"), await HeldAsync(account, cap, Cut));
    }

    [Fact]
    public async Task Hold_ReplyLostAndNothingHeld_ItsCeilingIsTakenAway()
    {
        var account = await Cut.SignUpAsync();
        await CreateCapAsync(account, "1", host: Cut);
        var cut = _wire.LoseReplyTo(CeilingWrite);
        Assert.Equal(HoldAnswerKind.Unavailable, await KindAsync(account, "0.2", host: Cut));
        await cut;
        Assert.Single(await CeilingsAsync(account));

        // Somebody holds elsewhere, so that the account goes on by itself.
        await GrantAsync(account, "0", host: Cut);
        await PassUntilAsync(async () => (await CeilingsAsync(account)).Count == 0);
    }

    [Fact]
    public async Task Record_ReplyLostAfterCommit_SettlesOnce()
    {
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        var (hold, other) = (await GrantAsync(account, "0.6", host: Cut), await GrantAsync(account, "0.1", host: Cut));
        var settling = EventOf(hold, "0.4", "lost-reply");

        var cut = _wire.LoseReplyTo("lost-reply");
        var first = await Cut.Account(account).RecordAsync(new EventBatch([settling]));
        await cut;
        Assert.Equal(RecordOutcome.SendAgain, first.Outcome);

        // Durable and not yet counted here: its hold stays until the resend finds it there.
        var again = await Cut.RecordAsync(account, [settling]);
        var third = await Cut.RecordAsync(account, [settling]);

        Assert.Equal((RecordOutcome.Recorded, 0, 1), (again.Outcome, again.Created, again.Skipped));
        Assert.Equal((0, 1), (third.Created, third.Skipped));
        Assert.Equal((Dollars("0.4"), Dollars("0.1")), await StandingAsync(account, cap, Cut));
        Assert.Equal(HoldStatus.Settled, (await StateAsync(account, hold, Cut)).Status);
        Assert.Equal(other, await StateAsync(account, other, Cut));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.5", host: Cut));
        await AssertCapsEqualLedgerAsync(account, Cut);
    }

    [Fact]
    public async Task Record_RequestLost_KeepsTheHoldUntilTheResend()
    {
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        var hold = await GrantAsync(account, "0.6", host: Cut);
        var settling = EventOf(hold, "0.9", "lost-request");

        var cut = _wire.LoseRequest("lost-request");
        Assert.Equal(RecordOutcome.SendAgain, (await Cut.Account(account).RecordAsync(new EventBatch([settling]))).Outcome);
        await cut;
        Assert.Equal(HoldStatus.Open, (await StateAsync(account, hold, Cut)).Status);

        var again = await Cut.RecordAsync(account, [settling]);

        Assert.Equal((1, Dollars("0.3")), (again.Created, Assert.Single(again.Holds).Overrun));
        Assert.Equal((Dollars("0.9"), Dollars("0")), await StandingAsync(account, cap, Cut));
        Assert.Equal(Dollars("0.3"), (await CapAsync(account, cap, Cut)).Overrun);
    }

    [Fact]
    public async Task LedgerOpenedAnew_WithHoldsOut_KeepsThemUnderTheSameCeiling()
    {
        var account = await Cut.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", host: Cut);
        var hold = await GrantAsync(account, "0.3", host: Cut, key: "key");
        var before = Assert.Single(await CeilingsAsync(account));

        var cut = _wire.LoseReplyTo("lost-reply");
        await Cut.RecordAsync(account, [Event("lost-reply", "0.1")]);
        await cut;

        Assert.Equal(hold, await StateAsync(account, hold, Cut));
        Assert.Equal((Dollars("0.1"), Dollars("0.3")), await StandingAsync(account, cap, Cut));
        Assert.Equal(before, Assert.Single(await CeilingsAsync(account)));
        Assert.Equal(hold, (await HoldAsync(account, Request("0.3", key: "key", digest: "digest"), Cut)).Hold);
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.7", host: Cut));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.6", host: Cut));
    }
}
