using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>An account that ends in good order leaves its open holds to the next.</summary>
public sealed class SleepTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>Whoever takes over may have a clock that is ahead, so it gives a hold this much more.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Stop_WithHoldsOut_TheNextHasThemAsTheyWere()
    {
        var account = await Host.SignUpAsync();
        var before = await GrainHost.StartAsync(ConnectionString, Clock);
        var all = await CreateCapAsync(account, "1", host: before);
        var acme = await CreateCapAsync(account, "0.5", new CapScope(CapType.Customer, "acme"), host: before);
        await CreateCapAsync(account, "0.5", new CapScope(CapType.Model, "gpt-4o"), enforcement: CapEnforcement.Alert, host: before);
        var (first, second) = (
            await GrantAsync(account, "0.3", Labels("acme"), TimeSpan.FromMinutes(5), before, "key"),
            await GrantAsync(account, "0.4", time: TimeSpan.FromMinutes(20), host: before));
        await before.DisposeAsync();
        Assert.Equal(2, await OpenHoldRowsAsync(account));
        Assert.Empty(await CeilingsAsync(account));
        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(first with { ExpiresAt = first.ExpiresAt + s_tolerance }, await StateAsync(account, first));
        Assert.Equal(second with { ExpiresAt = second.ExpiresAt + s_tolerance }, await StateAsync(account, second));
        Assert.Equal((Dollars("0.7"), Dollars("0.3")), (await HeldAsync(account, all), await HeldAsync(account, acme)));
        Assert.Equal(first.Id, (await HoldAsync(account, Request("0.3", Labels("acme"), key: "key", digest: "digest"))).Hold!.Id);
        Assert.Equal(HoldAnswerKind.KeyReused, (await HoldAsync(account, Request("0.1", key: "key", digest: "other"))).Kind);
        Assert.Equal(0, await OpenHoldRowsAsync(account));
        var ceilings = await CeilingsAsync(account);
        Assert.Equal(new[] { all.Cap.Id, acme.Cap.Id }.ToHashSet(), ceilings.Select(ceiling => ceiling.Cap).ToHashSet());
        Assert.True(ceilings.Single(ceiling => ceiling.Cap == all.Cap.Id) is { } ofAll
            && ofAll.Amount >= Dollars("0.7") && ofAll.Until >= second.ExpiresAt, string.Join(", ", ceilings));

        Assert.Empty((await SettleAsync(account, second, "0.2")).Holds);
        Assert.Equal((Dollars("0.2"), Dollars("0.3")), await StandingAsync(account, all));
        Clock.Advance(TimeSpan.FromMinutes(4) + s_tolerance);
        Assert.Equal((Dollars("0.2"), Dollars("0")), await StandingAsync(account, all));
        Assert.Equal(HoldStatus.Expired, (await StateAsync(account, first)).Status);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Stop_SeveralTimes_EachHasWhatTheOneBeforeLeft()
    {
        var account = await Host.SignUpAsync();
        List<HoldState> holds = [];
        CapState? cap = null;
        for (var i = 0; i < 3; i++)
        {
            await using var host = await GrainHost.StartAsync(ConnectionString, Clock);
            cap ??= await CreateCapAsync(account, "1", host: host);
            for (var before = 0; before < i; before++)
            {
                holds[before] = holds[before] with { ExpiresAt = holds[before].ExpiresAt + s_tolerance };
                Assert.Equal(holds[before], await StateAsync(account, holds[before], host));
            }

            holds.Add(await GrantAsync(account, "0.1", host: host));
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, await OpenHoldRowsAsync(account));
        await SettleAsync(account, holds[0], "0.05");
        Assert.Equal((Dollars("0.05"), Dollars("0.2")), await StandingAsync(account, cap!));
        Assert.Equal(0, await OpenHoldRowsAsync(account));
    }

    [Fact]
    public async Task Stop_ThenACrashOfTheNext_ItsCeilingsCoverWhatItTookOver()
    {
        var account = await Host.SignUpAsync();
        var before = await GrainHost.StartAsync(ConnectionString, Clock);
        var cap = await CreateCapAsync(account, "1", host: before);
        var hold = await GrantAsync(account, "0.4", host: before);
        await before.DisposeAsync();
        Assert.Equal(Dollars("0.4"), await HeldAsync(account, cap));

        await using var third = await GrainHost.StartAsync(ConnectionString, Clock);

        Assert.Equal(Dollars("0.4"), await HeldAsync(account, cap, third));
        Assert.Null(await third.Account(account).GetHoldAsync(hold.Id));
    }

    [Fact]
    public async Task Stop_HoldsRunOutMeanwhile_AreNotTakenOver()
    {
        var account = await Host.SignUpAsync();
        var before = await GrainHost.StartAsync(ConnectionString, Clock);
        var cap = await CreateCapAsync(account, "1", host: before);
        var hold = await GrantAsync(account, "0.4", host: before);
        await before.DisposeAsync();
        Clock.Advance(HoldLimits.DefaultTime + s_tolerance);

        Assert.Equal(Dollars("0"), await HeldAsync(account, cap));
        Assert.Null(await Host.Account(account).GetHoldAsync(hold.Id));
        Assert.Equal(0, await OpenHoldRowsAsync(account));
    }

    [Fact]
    public async Task Stop_CapsChangedBeforeTheNext_CountWhatIsHeld()
    {
        var account = await Host.SignUpAsync();
        var before = await GrainHost.StartAsync(ConnectionString, Clock);
        var deleted = await CreateCapAsync(account, "1", host: before);
        var kept = await CreateCapAsync(account, "1", enforcement: CapEnforcement.Alert, host: before);
        await GrantAsync(account, "0.4", host: before);
        await before.Account(account).DeleteCapAsync(deleted.Cap.Id);
        await before.DisposeAsync();

        await ChangeAsync(account, kept, new CapChange { Enforcement = CapEnforcement.HardBlock });
        var created = await CreateCapAsync(account, "1", new CapScope(CapType.Agent, "writer"));

        Assert.Equal((Dollars("0.4"), Dollars("0.4")), (await HeldAsync(account, kept), created.Held));
        Assert.Equal(2, (await CeilingsAsync(account)).Count);
    }

    [Fact]
    public async Task Stop_OfAZombie_LeavesItsCeilingsAndNoHolds()
    {
        var account = await Host.SignUpAsync();
        var zombie = await GrainHost.StartAsync(ConnectionString, Clock);
        var cap = await CreateCapAsync(account, "1", host: zombie);
        await GrantAsync(account, "0.4", host: zombie);
        Assert.Equal(Dollars("0.45"), await HeldAsync(account, cap));

        await zombie.DisposeAsync();

        Assert.Equal(0, await OpenHoldRowsAsync(account));
        await using var third = await GrainHost.StartAsync(ConnectionString, Clock);
        Assert.Equal(Dollars("0.45"), await HeldAsync(account, cap, third));
    }

    [Fact]
    public async Task Start_ThatFailsOnTheWay_MeasuresNoOpenHolds()
    {
        var account = await Host.SignUpAsync();
        var before = await GrainHost.StartAsync(ConnectionString, Clock);
        using var measuredBefore = Measure(before);
        await CreateCapAsync(account, "1", host: before);
        await GrantAsync(account, "0.1", host: before);
        await before.DisposeAsync();
        Assert.Equal(0, measuredBefore.Sum("llmobserve.holds.open"));
        using var measured = Measure(Host);

        // It can read what was left, and cannot take it over.
        await AskAsync("ALTER TABLE cap_ceilings ADD CONSTRAINT refused CHECK (amount_nanos < 0) NOT VALID");
        await Assert.ThrowsAnyAsync<Exception>(() => Host.Account(account).GetCapsAsync());
        Assert.Equal(0, measured.Sum("llmobserve.holds.open"));

        await AskAsync("ALTER TABLE cap_ceilings DROP CONSTRAINT refused");
        Assert.Single(await Host.Account(account).GetCapsAsync());
        Assert.Equal(1, measured.Sum("llmobserve.holds.open"));
    }
}
