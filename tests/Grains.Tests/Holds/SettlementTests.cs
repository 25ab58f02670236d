using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>How events settle holds: cost in, hold out, at most once.</summary>
public sealed class SettlementTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task Record_WithItsHold_PutsTheCostInItsPlace()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6");
        Clock.Advance(TimeSpan.FromSeconds(5));

        var result = await SettleAsync(account, hold, "0.4");

        Assert.Empty(result.Holds);
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(hold with { Status = HoldStatus.Settled, EndedAt = Clock.GetUtcNow() }, await StateAsync(account, hold));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.6"));
        await AssertCapsEqualLedgerAsync(account);
        Assert.Equal(("settled", 600_000_000L, false), await RowAsync(account, hold));
    }

    [Fact]
    public async Task Record_OfACallThatCostNothing_FreesItsHold()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "1");

        Assert.Empty((await SettleAsync(account, hold, "0")).Holds);

        Assert.Equal((Dollars("0"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Settled, (await StateAsync(account, hold)).Status);
    }

    [Fact]
    public async Task Record_WhileOthersLook_NeverShowsBothOrNeither()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "100");
        var holds = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => GrantAsync(account, "0.5")));
        var settling = Task.WhenAll(holds.Select(hold => Task.Run(() => SettleAsync(account, hold, "0.5"))));

        // As long as any is under way, and once more.
        bool done;
        do
        {
            done = settling.IsCompleted;
            var (spent, held) = await StandingAsync(account, cap);
            Assert.Equal(Dollars("25"), spent + held);
        }
        while (!done);

        await settling;
        Assert.Equal((Dollars("25"), Dollars("0")), await StandingAsync(account, cap));
    }

    [Fact]
    public async Task Record_SecondEventOfAHold_CountsAndSettlesNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "10");
        var (hold, other) = (await GrantAsync(account, "0.6"), await GrantAsync(account, "0.3"));
        await SettleAsync(account, hold, "0.4");

        var again = await SettleAsync(account, hold, "5");

        var report = Assert.Single(again.Holds);
        Assert.Equal((HoldOutcome.Again, hold.Id.ToString(), null, Dollars("0")), (report.Outcome, report.HoldId, report.Held, report.Overrun));
        Assert.Equal((Dollars("5.4"), Dollars("0.3")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Open, (await StateAsync(account, other)).Status);
    }

    [Fact]
    public async Task Record_TwoEventsOfAHoldInOneBatch_FirstSettlesIt()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "10");
        var hold = await GrantAsync(account, "0.6");

        var result = await Host.RecordAsync(account, [EventOf(hold, "0.2", "first"), EventOf(hold, "0.3", "second")]);

        Assert.Equal(("second", HoldOutcome.Again), (Assert.Single(result.Holds).EventId, result.Holds[0].Outcome));
        Assert.Equal((Dollars("0.5"), Dollars("0")), await StandingAsync(account, cap));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Record_AfterItsHoldEnded_CountsAndIsReportedAsLate(bool expired)
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", time: TimeSpan.FromMinutes(1));
        if (expired)
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
        }
        else
        {
            await Host.Account(account).ReleaseHoldAsync(hold.Id);
        }

        var report = Assert.Single((await SettleAsync(account, hold, "0.4")).Holds);

        Assert.Equal((HoldOutcome.Late, Dollars("0.6"), Dollars("0")), (report.Outcome, report.Held, report.Overrun));
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(expired ? HoldStatus.Expired : HoldStatus.Released, (await StateAsync(account, hold)).Status);
        Assert.Equal("late", (await RowAsync(account, hold)).Outcome);
    }

    [Fact]
    public async Task Record_OfAHoldThatNobodyKnows_CountsAndIsReported()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");

        var result = await Host.RecordAsync(
            account, [Event("a", "0.1") with { HoldId = HoldId.New().ToString() }, Event("b", "0.1") with { HoldId = "not an id" }]);

        Assert.Equal([HoldOutcome.Unknown, HoldOutcome.Unknown], result.Holds.Select(report => report.Outcome));
        Assert.Equal((Dollars("0.2"), Dollars("0")), await StandingAsync(account, cap));
    }

    [Fact]
    public async Task Record_OfAnotherAccountsHold_LeavesItAlone()
    {
        var (mine, theirs) = (await Host.SignUpAsync(), await Host.SignUpAsync());
        var cap = await CreateCapAsync(mine, "1");
        var hold = await GrantAsync(mine, "0.6");

        var report = Assert.Single((await SettleAsync(theirs, hold, "0.1")).Holds);

        Assert.Equal(HoldOutcome.Unknown, report.Outcome);
        Assert.Equal((Dollars("0"), Dollars("0.6")), await StandingAsync(mine, cap));
    }

    [Fact]
    public async Task Record_CostsMoreThanHeld_CountsFullyAndSaysByHowMuch()
    {
        var account = await Host.SignUpAsync();
        var monthly = await CreateCapAsync(account, "1");
        var daily = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"), CapPeriod.Daily);
        var other = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "beta"));
        var hold = await GrantAsync(account, "0.6", Labels("acme"));

        var report = Assert.Single((await SettleAsync(account, hold, "1.5")).Holds);

        Assert.Equal(
            (HoldOutcome.Settled, Dollars("0.6"), Dollars("0.9"), false), (report.Outcome, report.Held, report.Overrun, report.LabelMismatch));
        Assert.Equal((Dollars("1.5"), Dollars("0")), await StandingAsync(account, monthly));
        Assert.Equal(("settled", 600_000_000L, false), await RowAsync(account, hold));
        Assert.Equal([Dollars("0.9"), Dollars("0.9"), Dollars("0")], await OverrunsAsync(Host));

        await using (var restarted = await GrainHost.StartAsync(ConnectionString, Clock))
        {
            Assert.Equal([Dollars("0.9"), Dollars("0.9"), Dollars("0")], await OverrunsAsync(restarted));
        }

        // It belongs to the period in which the call ended.
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal([Dollars("0.9"), Dollars("0"), Dollars("0")], await OverrunsAsync(Host));

        async Task<Domain.Money.Usd[]> OverrunsAsync(GrainHost host) =>
            [.. await Task.WhenAll(new[] { monthly, daily, other }.Select(async cap => (await CapAsync(account, cap, host)).Overrun))];
    }

    [Fact]
    public async Task Record_WithOtherLabelsThanItsHold_CountsInItsOwnCapsAndFreesThoseOfTheHold()
    {
        var account = await Host.SignUpAsync();
        var all = await CreateCapAsync(account, "1");
        var acme = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"));
        var beta = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "beta"));
        var hold = await GrantAsync(account, "0.6", Labels("acme"));

        var result = await Host.RecordAsync(account, [EventOf(hold, "0.4", customer: "beta")]);

        var report = Assert.Single(result.Holds);
        Assert.Equal((HoldOutcome.Settled, true), (report.Outcome, report.LabelMismatch));
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, all));
        Assert.Equal((Dollars("0"), Dollars("0")), await StandingAsync(account, acme));
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, beta));
        Assert.True((await RowAsync(account, hold)).Mismatch);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Record_OtherLabelsThatNoCapTellsApart_IsNoMismatch()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", Labels("acme"));

        Assert.Empty((await Host.RecordAsync(account, [EventOf(hold, "0.4", customer: "beta")])).Holds);
    }

    [Fact]
    public async Task Record_WithHoldsOfCallsThatCostNothing_ReleasesThem()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var (kept, filtered) = (await GrantAsync(account, "0.5"), await GrantAsync(account, "0.5"));

        var result = await Host.Account(account).RecordAsync(new EventBatch([EventOf(kept, "0.1")], [filtered.Id, HoldId.New()]));
        await Host.Account(account).RecordAsync(new EventBatch([], [filtered.Id]));

        Assert.Equal((RecordOutcome.Recorded, 1), (result.Outcome, result.Created));
        Assert.Equal((Dollars("0.1"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Released, (await StateAsync(account, filtered)).Status);
    }

    [Fact]
    public async Task Record_SameEventsAgain_ChangesNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6");
        var settling = EventOf(hold, "0.4");
        await Host.RecordAsync(account, [settling]);
        var open = await GrantAsync(account, "0.1");

        var again = await Host.RecordAsync(account, [settling]);

        Assert.Equal((0, 1), (again.Created, again.Skipped));
        Assert.Empty(again.Holds);
        Assert.Equal((Dollars("0.4"), Dollars("0.1")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Open, (await StateAsync(account, open)).Status);
    }

    [Fact]
    public async Task Record_IdThatWasCountedBefore_StillEndsTheHoldThatItCameFor()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await Host.RecordAsync(account, [Event("once", "0.4")]);
        var hold = await GrantAsync(account, "0.6");

        var result = await Host.RecordAsync(account, [EventOf(hold, "0.4", "once")]);

        Assert.Equal((0, 1), (result.Created, result.Skipped));
        Assert.Equal((Dollars("0.4"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(HoldStatus.Settled, (await StateAsync(account, hold)).Status);
    }

    [Fact]
    public async Task Metrics_OfHolds_SayWhatBecameOfThem()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "10", new CapScope(CapType.Customer, "acme"));
        var holds = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => GrantAsync(account, "0.1", Labels("acme"))));
        await SettleAsync(account, holds[0], "0.3");
        await Host.RecordAsync(account, [EventOf(holds[1], "0.1", customer: "beta")]);
        await Host.Account(account).ReleaseHoldAsync(holds[2].Id);
        await SettleAsync(account, holds[2], "0.1");
        await SettleAsync(account, holds[0], "0.1");

        Assert.Equal((4, 1), (measured.Sum("llmobserve.holds.granted"), measured.Sum("llmobserve.holds.open")));
        Assert.Equal((2, 1), (Ended("settled"), Ended("released")));
        Assert.Equal((2, 1, 1), (Events("settled"), Events("late"), Events("again")));
        Assert.Equal((1, 1), (measured.Sum("llmobserve.holds.label_mismatches"), measured.Sum("llmobserve.holds.overruns")));
        Assert.Equal(200_000_000, measured.Sum("llmobserve.holds.overrun"));

        decimal Ended(string how) => measured.Sum("llmobserve.holds.ended", "how", how);

        decimal Events(string outcome) => measured.Sum("llmobserve.holds.events", "outcome", outcome);
    }

    /// <summary>What the ledger says of the only event of a hold.</summary>
    private async Task<(string Outcome, long? HeldNanos, bool Mismatch)> RowAsync(AccountId account, HoldState hold)
    {
        var row = (object[])(await AskAsync(
            $"SELECT ARRAY[hold_outcome, held_nanos::text, hold_mismatch::text] FROM events WHERE account_id = '{account}' AND hold_id = '{hold.Id}'"))!;
        return ((string)row[0], row[1] is string held ? long.Parse(held, System.Globalization.CultureInfo.InvariantCulture) : null, (string)row[2] == "true");
    }
}
