using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>
/// An activation that is gone, and one that does not know that another has taken over: what both granted together never exceeds a limit.
/// </summary>
public sealed class TakeoverTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>How long a ceiling of another counts beyond its time.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    private GrainHost Next { get; set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Next = await GrainHost.StartAsync(ConnectionString, Clock);
    }

    public override async Task DisposeAsync()
    {
        await Next.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Crash_WithHoldsOut_TheirCeilingsCountAsHeldUntilTheirTime()
    {
        var account = await Host.SignUpAsync();
        var all = await CreateCapAsync(account, "1");
        var acme = await CreateCapAsync(account, "0.5", new CapScope(CapType.Customer, "acme"));
        await GrantAsync(account, "0.3", Labels("acme"));
        var ceilings = await CeilingsAsync(account);
        var (until, ofAll) = (ceilings[0].Until, ceilings.Single(ceiling => ceiling.Cap == all.Cap.Id).Amount);

        // The host is not used any more: as if its process were gone.
        Assert.Equal((Dollars("0"), ofAll), await StandingAsync(account, all, Next));
        Assert.Equal(ceilings.Single(ceiling => ceiling.Cap == acme.Cap.Id).Amount, await HeldAsync(account, acme, Next));
        var denied = await HoldAsync(account, Request("0.7"), Next);
        Assert.Equal(DenialKind.Held, Assert.Single(denied.Check.Denials).Kind);
        Assert.Equal(until + s_tolerance - Clock.GetUtcNow(), denied.Check.Denials[0].RetryAfter);
        Assert.Equal(0, (await Next.Account(account).GetHoldsAsync(10, null, default)).Open);
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.65", host: Next));

        Clock.Advance(until - Clock.GetUtcNow() + s_tolerance - TimeSpan.FromTicks(1));
        Assert.Equal(ofAll, await HeldAsync(account, all, Next));
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(Dollars("0"), await HeldAsync(account, all, Next));
        Assert.Equal(Dollars("0"), await HeldAsync(account, acme, Next));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.5", Labels("acme"), Next));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.5", host: Next));
    }

    [Fact]
    public async Task Crash_ThenAnEventOfALostHold_CountsAndFreesNothingEarly()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.3");
        Assert.Equal(Dollars("0.35"), await HeldAsync(account, cap, Next));

        var report = Assert.Single((await SettleAsync(account, hold, "0.3", Next)).Holds);
        Assert.Equal(HoldAnswerKind.NotFound, (await Next.Account(account).ReleaseHoldAsync(hold.Id)).Kind);

        Assert.Equal(HoldOutcome.Unknown, report.Outcome);
        Assert.Equal((Dollars("0.3"), Dollars("0.35")), await StandingAsync(account, cap, Next));
    }

    [Fact]
    public async Task Crash_NextLoadsJustAfterTheTime_AllowsForAClockThatIsBehind()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.3");
        var until = Assert.Single(await CeilingsAsync(account)).Until;

        // As after a crash: no tick of the first takes its ceiling away.
        Clock.StepWall(until - Clock.GetUtcNow() + (s_tolerance / 2));

        Assert.Equal(Dollars("0.35"), await HeldAsync(account, cap, Next));
        Clock.Advance(s_tolerance / 2);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap, Next));
    }

    [Fact]
    public async Task Crash_OfSeveralInARow_TheirCeilingsAddUp()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.3");
        await GrantAsync(account, "0.3", host: Next);
        await using var third = await GrainHost.StartAsync(ConnectionString, Clock);

        Assert.Equal(2, (await CeilingsAsync(account)).Count);
        Assert.Equal(Dollars("0.7"), await HeldAsync(account, cap, third));
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.31", host: third));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.3", host: third));

        // The next write sweeps up those whose time is over.
        Clock.Advance(TimeSpan.FromMinutes(12));
        await GrantAsync(account, "0.5", host: third);
        Assert.Single(await CeilingsAsync(account));
    }

    [Fact]
    public async Task Crash_ThenTheWallClockStepsBack_TheCeilingCountsForLongerAndNotForEver()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.3");
        Clock.StepWall(TimeSpan.FromHours(-2));

        Assert.Equal(Dollars("0.35"), await HeldAsync(account, cap, Next));
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Dollars("0.35"), await HeldAsync(account, cap, Next));
        Clock.Advance(TimeSpan.FromMinutes(11) + s_tolerance);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap, Next));
    }

    [Fact]
    public async Task Zombie_InsideItsCeiling_GrantsAndBeyondItLeaves()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.3");
        await GrantAsync(account, "0.65", host: Next);

        var inside = await Host.Account(account).HoldAsync(Request("0.05"));
        var beyond = await Host.Account(account).HoldAsync(Request("0.01"));

        Assert.Equal((HoldAnswerKind.Granted, HoldAnswerKind.SendAgain), (inside.Kind, beyond.Kind));
        Assert.Equal((1, 1), (measured.Sum("llmobserve.account.fences"), measured.Sum("llmobserve.holds.ceiling.writes", "outcome", "fenced")));
        Assert.Equal(Dollars("1"), await HeldAsync(account, cap, Next));

        // Made anew it knows of all.
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.01"));
        Assert.Equal(Dollars("1"), await HeldAsync(account, cap));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Zombie_RoomThatItGaveBack_IsNotGrantedAgain(bool released)
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var first = await GrantAsync(account, "0.3", time: TimeSpan.FromMinutes(10));
        await GrantAsync(account, "0.6", host: Next);

        // The call of the first hold is made and recorded where the account lives now; the zombie sees nothing of that.
        await SettleAsync(account, first, "0.3", Next);
        if (released)
        {
            await Host.Account(account).ReleaseHoldAsync(first.Id);
        }
        else
        {
            Clock.StepWall(TimeSpan.FromMinutes(10));
        }

        var again = await Host.Account(account).HoldAsync(Request("0.3", time: TimeSpan.FromSeconds(10)));

        Assert.Equal((HoldAnswerKind.SendAgain, null), (again.Kind, again.Hold));
        Assert.Equal(Dollars("0.3"), (await StandingAsync(account, cap, Next)).Spent);
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.7"));
    }

    [Fact]
    public async Task Zombie_RecordingAndAsking_SettlesNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.3");
        var theirs = await GrantAsync(account, "0.2", host: Next);

        Assert.Equal(RecordOutcome.SendAgain, (await Host.Account(account).RecordAsync(new EventBatch([EventOf(hold, "0.3", "late")]))).Outcome);
        await Next.RecordAsync(account, [EventOf(hold, "0.3", "late"), EventOf(theirs, "0.2", "own")]);

        Assert.Equal((Dollars("0.5"), Dollars("0.35")), await StandingAsync(account, cap, Next));
        await AssertCapsEqualLedgerAsync(account, Next);
    }

    [Fact]
    public async Task Zombie_WhileTheOtherGrants_TogetherTheyStayWithinTheLimit()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await Host.Account(account).GetCapsAsync();

        // Each takes the account from the other again and again, and what it grants meanwhile counts for both.
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(n => Task.Run(async () =>
        {
            var host = n % 2 == 0 ? Host : Next;
            var answer = await HoldAsync(account, Request("0.01"), host);
            if (answer.Hold is { } hold && n % 3 == 0)
            {
                await host.Account(account).ReleaseHoldAsync(hold.Id);
            }

            return answer;
        })));

        var granted = answers.Where((answer, n) => answer.Kind == HoldAnswerKind.Granted && n % 3 != 0).Count();
        Assert.InRange(granted, 1, 100);
        await using var judge = await GrainHost.StartAsync(ConnectionString, Clock);
        var held = await HeldAsync(account, cap, judge);
        Assert.True(held >= Dollars("0.01") * granted && held <= Dollars("1"), $"{held} held of {granted} holds");

        // All comes back.
        Clock.Advance(TimeSpan.FromMinutes(12));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "1", host: judge));
    }

    [Fact]
    public async Task Zombie_WithNothingHeld_FindsOutByItself()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await Host.Account(account).ReleaseHoldAsync((await GrantAsync(account, "0.3")).Id);
        await Next.Account(account).GetCapsAsync();

        await PassUntilAsync(() => Task.FromResult(measured.Sum("llmobserve.account.fences") == 1));
    }
}
