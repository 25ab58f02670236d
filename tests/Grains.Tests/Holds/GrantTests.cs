using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

public sealed class GrantTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>All of them count a call of <c>acme</c> in the usual labels.</summary>
    private static readonly CapScope[] s_overlapping =
    [
        Everything, new(CapType.Provider, "openai"), new(CapType.Model, "gpt-4o"), new(CapType.Agent, "writer"), new(CapType.Customer, "acme"),
    ];

    [Fact]
    public async Task Hold_FitsEveryCap_IsHeldOnAllThatMatchAndNoOther()
    {
        var account = await Host.SignUpAsync();
        var caps = await CreateCapsAsync(account, ["1", "1", "1", "1", "1"]);
        var other = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "beta"));

        var hold = await GrantAsync(account, "0.25", Labels("acme"), TimeSpan.FromMinutes(3));

        Assert.Equal((Dollars("0.25"), Clock.GetUtcNow(), Clock.GetUtcNow().AddMinutes(3)), (hold.Amount, hold.GrantedAt, hold.ExpiresAt));
        Assert.All(await HeldAsync(account, caps), held => Assert.Equal(Dollars("0.25"), held));
        Assert.Equal(Dollars("0"), await HeldAsync(account, other));
        Assert.Equal(hold, await StateAsync(account, hold));
    }

    [Fact]
    public async Task Hold_OneOfFiveCapsFull_IsOnNone()
    {
        var account = await Host.SignUpAsync();
        var caps = await CreateCapsAsync(account, ["1", "1", "0.1", "1", "1"]);

        var denied = await HoldAsync(account, Request("0.2", Labels("acme")));

        Assert.Equal((HoldAnswerKind.Denied, null), (denied.Kind, denied.Hold));
        Assert.Equal(caps[2].Cap.Id, Assert.Single(denied.Check.Denials).Standing.Cap.Id);
        Assert.All(await HeldAsync(account, caps), held => Assert.Equal(Dollars("0"), held));
        Assert.Empty(await CeilingsAsync(account));

        // What was denied took nothing: each cap has all its room for those who come later and want less, or other things.
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.1", Labels("acme")));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.9", Labels("acme", model: "gpt-4o-mini")));
    }

    [Theory]
    [InlineData("1", "1", "1", "1", "1", 100)]
    [InlineData("1", "2", "0.8", "3", "1.5", 80)]
    [InlineData("1", null, null, null, null, 100)]
    public async Task Hold_TwoHundredAtOnce_GrantsExactlyWhatFits(string a, string? b, string? c, string? d, string? e, int fit)
    {
        var account = await Host.SignUpAsync();
        var caps = await CreateCapsAsync(account, [.. new[] { a, b, c, d, e }.OfType<string>()]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            _ => Task.Run(() => HoldAsync(account, Request("0.01", Labels("acme"))))));

        Assert.Equal(fit, answers.Count(answer => answer.Kind == HoldAnswerKind.Granted));
        Assert.Equal(200 - fit, answers.Count(answer => answer.Kind == HoldAnswerKind.Denied));
        Assert.All(await HeldAsync(account, caps), held => Assert.Equal(Dollars("0.01") * fit, held));
        Assert.Equal(fit, (await Host.Account(account).GetHoldsAsync(10, null, default)).Open);
    }

    [Fact]
    public async Task Hold_CallersThatSettleAndOthersAtOnce_NeverExceedTheLimit()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        using var watching = new CancellationTokenSource();
        var watcher = Task.Run(async () =>
        {
            while (!watching.IsCancellationRequested)
            {
                var (spent, held) = await StandingAsync(account, cap);
                Assert.True(spent + held <= Dollars("1"), $"{spent} spent, {held} held");
            }
        });

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(async () =>
        {
            var calls = 0;
            for (var i = 0; i < 10; i++)
            {
                var answer = await HoldAsync(account, Request("0.04"));
                if (answer.Kind != HoldAnswerKind.Granted)
                {
                    continue;
                }

                // Every third call is not made; the others cost a quarter less than was held for them.
                if ((n + i) % 3 == 0)
                {
                    await Host.Account(account).ReleaseHoldAsync(answer.Hold!.Id);
                }
                else
                {
                    await SettleAsync(account, answer.Hold!, "0.03");
                    calls++;
                }
            }

            return calls;
        })));
        await watching.CancelAsync();
        await watcher;

        Assert.Equal((Dollars("0.03") * made.Sum(), Dollars("0")), await StandingAsync(account, cap));
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Check_WithHoldsOfOthers_CountsThemAsHeld()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.999999999");
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
        await GrantAsync(account, "0.000000001");

        var check = await Host.Account(account).CheckAsync(Labels(), unpriced: false);
        Assert.False(check.Allowed);
        Assert.Equal((DenialKind.Held, Dollars("1")), (check.Denials[0].Kind, check.Denials[0].Standing.Held));

        await Host.Account(account).ReleaseHoldAsync(hold.Id);
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
    }

    [Fact]
    public async Task Hold_DryRun_DecidesAndHoldsNothing()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");

        var fits = await HoldAsync(account, Request("1", dryRun: true));
        var tooMuch = await HoldAsync(account, Request("1.1", dryRun: true));

        Assert.Equal((HoldAnswerKind.Granted, null), (fits.Kind, fits.Hold));
        Assert.Equal(HoldAnswerKind.Denied, tooMuch.Kind);
        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
        Assert.Equal(0, (await Host.Account(account).GetHoldsAsync(10, null, default)).Open);
        Assert.Empty(await CeilingsAsync(account));
    }

    [Fact]
    public async Task GetHolds_InPages_GivesEachOnceByExpiry()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        foreach (var minutes in new[] { 3, 1, 2, 2, 2 })
        {
            await GrantAsync(account, "0.1", time: TimeSpan.FromMinutes(minutes));
        }

        List<HoldState> seen = [];
        HoldPage page;
        do
        {
            page = await Host.Account(account).GetHoldsAsync(2, seen.LastOrDefault()?.ExpiresAt, seen.LastOrDefault()?.Id ?? default);
            Assert.Equal((5, Dollars("0.5")), (page.Open, page.Held));
            seen.AddRange(page.Holds);
        }
        while (page.Holds.Length == 2);

        Assert.Equal(5, seen.Select(hold => hold.Id).Distinct().Count());
        Assert.Equal([1, 2, 2, 2, 3], seen.Select(hold => (hold.ExpiresAt - Clock.GetUtcNow()).TotalMinutes));
    }

    private async Task<CapState[]> CreateCapsAsync(Domain.Accounts.AccountId account, string[] limits)
    {
        var caps = new CapState[limits.Length];
        for (var i = 0; i < limits.Length; i++)
        {
            caps[i] = await CreateCapAsync(account, limits[i], s_overlapping[i], i % 2 == 0 ? CapPeriod.Monthly : CapPeriod.Daily);
        }

        return caps;
    }

    private async Task<Domain.Money.Usd[]> HeldAsync(Domain.Accounts.AccountId account, CapState[] caps) =>
        await Task.WhenAll(caps.Select(cap => HeldAsync(account, cap)));
}
