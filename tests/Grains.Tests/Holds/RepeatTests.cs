using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>A request that is made again gets the hold that it has.</summary>
public sealed class RepeatTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task Hold_SameRequestAgain_IsTheSameHold()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var request = Request("0.6");

        var first = await HoldAsync(account, request);
        var second = await HoldAsync(account, request);

        Assert.Equal(first.Hold, second.Hold);
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Hold_SameKeyAndDigest_IsTheSameHoldWhateverItsId()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");

        var first = await HoldAsync(account, Request("0.6", key: "call-1", digest: "a"));
        var second = await HoldAsync(account, Request("0.6", key: "call-1", digest: "a"));
        var other = await HoldAsync(account, Request("0.1", key: "call-2", digest: "a"));

        Assert.Equal((HoldAnswerKind.Granted, first.Hold), (second.Kind, second.Hold));
        Assert.NotEqual(first.Hold!.Id, other.Hold!.Id);
        Assert.Equal(Dollars("0.7"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Hold_SameKeyOtherDigest_IsRefused()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await HoldAsync(account, Request("0.6", key: "call-1", digest: "a"));

        var reused = await HoldAsync(account, Request("0.1", key: "call-1", digest: "b"));

        Assert.Equal((HoldAnswerKind.KeyReused, null), (reused.Kind, reused.Hold));
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Hold_SameKeyOfAnotherAccount_IsAHoldOfItsOwn()
    {
        var (mine, theirs) = (await Host.SignUpAsync(), await Host.SignUpAsync());
        var first = await HoldAsync(mine, Request("0.6", key: "call-1", digest: "a"));

        var second = await HoldAsync(theirs, Request("0.1", key: "call-1", digest: "b"));

        Assert.Equal(HoldAnswerKind.Granted, second.Kind);
        Assert.Null(await Host.Account(theirs).GetHoldAsync(first.Hold!.Id));
        Assert.Equal(HoldAnswerKind.NotFound, (await Host.Account(theirs).ReleaseHoldAsync(first.Hold.Id)).Kind);
        Assert.Equal(HoldAnswerKind.NotFound, (await Host.Account(theirs).ExtendHoldAsync(first.Hold.Id, TimeSpan.FromMinutes(1))).Kind);
        Assert.Equal(HoldStatus.Open, (await StateAsync(mine, first.Hold)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hold_SameRequestAtOnce_IsOneHold(bool byKey)
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var id = HoldId.New();

        // The first of them waits for its ceiling when the others come.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => HoldAsync(
            account, byKey ? Request("0.6", key: "call-1", digest: "a") : Request("0.6", id: id)))));

        Assert.All(answers, answer => Assert.Equal(HoldAnswerKind.Granted, answer.Kind));
        Assert.Single(answers.Select(answer => answer.Hold!.Id).Distinct());
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
    }

    [Fact]
    public async Task Hold_SameKeyAfterItEnded_SaysHowAndHoldsNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.6", key: "call-1");
        await SettleAsync(account, hold, "0.2");

        var again = await HoldAsync(account, Request("0.6", key: "call-1", digest: "digest"));

        Assert.Equal((HoldAnswerKind.Granted, hold.Id, HoldStatus.Settled), (again.Kind, again.Hold!.Id, again.Hold.Status));
        Assert.Equal((Dollars("0.2"), Dollars("0")), await StandingAsync(account, cap));

        // Once it is forgotten the key is free again.
        Clock.Advance(HoldLimits.EndedFor);
        await Host.Account(account).ReleaseHoldAsync((await GrantAsync(account, "0.1")).Id);
        Assert.NotEqual(hold.Id, (await GrantAsync(account, "0.6", key: "call-1")).Id);
    }

    [Theory]
    [InlineData("-0.000000001", 60)]
    [InlineData("100000.000000001", 60)]
    [InlineData("1", 0)]
    [InlineData("1", 3601)]
    public async Task Hold_OutOfBounds_IsABug(string amount, int seconds)
    {
        var account = await Host.SignUpAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => HoldAsync(account, Request(amount, time: TimeSpan.FromSeconds(seconds))));
    }
}
