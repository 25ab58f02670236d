using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Alerts;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Accounts;

public sealed class CheckTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task Check_HardCapUsedUp_DeniesMatchingCallsOnly()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "0.02", new CapScope(CapType.Model, "gpt-4o"));

        await Host.RecordAsync(account, [Event(cost: "0.019999999")]);
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);

        await Host.RecordAsync(account, [Event(cost: "0.000000001")]);
        var denied = await Host.Account(account).CheckAsync(Labels(), unpriced: false);
        Assert.False(denied.Allowed);
        var denial = Assert.Single(denied.Denials);
        Assert.Equal((DenialKind.Exceeded, Dollars("0")), (denial.Kind, denial.Headroom));
        Assert.Equal((Dollars("0.02"), Dollars("0.02")), (denial.Standing.Spent, denial.Standing.Cap.Limit));
        Assert.Equal(Clock.GetUtcNow(), denial.Standing.ExceededAt);
        Assert.True((await Host.Account(account).CheckAsync(Labels(model: "gpt-4o-mini"), unpriced: false)).Allowed);
    }

    [Fact]
    public async Task Check_AlertCapUsedUp_Allows()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "0.01", enforcement: CapEnforcement.Alert);
        await Host.RecordAsync(account, [Event(cost: "5")]);
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
    }

    [Fact]
    public async Task Check_CustomerSubScope_BindsThatCustomerAndModelOnly()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme", CapSubScope.Provider, "anthropic"));
        await Host.RecordAsync(account, [Event(cost: "9", customer: "acme"), Event(cost: "9", customer: "beta", provider: "anthropic")]);
        Assert.True((await Host.Account(account).CheckAsync(Labels("acme", "anthropic"), unpriced: false)).Allowed);

        await Host.RecordAsync(account, [Event(cost: "1", customer: "acme", provider: "anthropic")]);

        Assert.False((await Host.Account(account).CheckAsync(Labels("acme", "anthropic"), unpriced: false)).Allowed);
        Assert.True((await Host.Account(account).CheckAsync(Labels("acme"), unpriced: false)).Allowed);
        Assert.True((await Host.Account(account).CheckAsync(Labels("beta", "anthropic"), unpriced: false)).Allowed);
    }

    [Fact]
    public async Task CreateCap_AfterSpend_CountsTheWholePeriod()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(
            account,
            [
                Event(cost: "1", at: Clock.GetUtcNow().AddDays(-1)),
                Event(cost: "2", at: Clock.GetUtcNow().AddDays(-6)),
                Event(cost: "4"),
            ]);

        Assert.Equal(Dollars("4"), (await CreateCapAsync(account, "5", period: CapPeriod.Daily)).Spent);

        // 2026-03-18 is a Wednesday: its week began on the 16th.
        Assert.Equal(Dollars("5"), (await CreateCapAsync(account, "5", period: CapPeriod.Weekly)).Spent);
        Assert.Equal(Dollars("7"), (await CreateCapAsync(account, "5", period: CapPeriod.Monthly)).Spent);
        Assert.Equal(2, (await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Denials.Length);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task ChangeCap_LimitEnforcementEnabled_DecideAtOnce()
    {
        var account = await Host.SignUpAsync();
        var cap = (await CreateCapAsync(account, "1")).Cap.Id;
        await Host.RecordAsync(account, [Event(cost: "2")]);
        Assert.False(await AllowedAsync());

        await ChangeAsync(new CapChange { Limit = Dollars("3") });
        Assert.True(await AllowedAsync());
        await ChangeAsync(new CapChange { Limit = Dollars("2") });
        Assert.False(await AllowedAsync());
        await ChangeAsync(new CapChange { Enabled = false });
        Assert.True(await AllowedAsync());
        await Host.RecordAsync(account, [Event(cost: "1")]);
        await ChangeAsync(new CapChange { Enabled = true, Limit = Dollars("3") });
        Assert.False(await AllowedAsync());
        await ChangeAsync(new CapChange { Enforcement = CapEnforcement.Alert });
        Assert.True(await AllowedAsync());

        Assert.Equal(CapAnswerKind.Done, (await Host.Account(account).DeleteCapAsync(cap)).Kind);
        Assert.Equal(CapAnswerKind.NotFound, (await Host.Account(account).DeleteCapAsync(cap)).Kind);
        Assert.Null(await Host.Account(account).GetCapAsync(cap));

        async Task<bool> AllowedAsync() => (await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed;

        async Task ChangeAsync(CapChange change) =>
            Assert.Equal(CapAnswerKind.Done, (await Host.Account(account).ChangeCapAsync(cap, change)).Kind);
    }

    [Fact]
    public async Task ChangeCap_OfAnotherAccount_IsNotFound()
    {
        var (mine, theirs) = (await Host.SignUpAsync(), await Host.SignUpAsync());
        var cap = (await CreateCapAsync(theirs, "1")).Cap.Id;

        Assert.Equal(CapAnswerKind.NotFound, (await Host.Account(mine).ChangeCapAsync(cap, new CapChange { Enabled = false })).Kind);
        Assert.Equal(CapAnswerKind.NotFound, (await Host.Account(mine).DeleteCapAsync(cap)).Kind);
        Assert.Null(await Host.Account(mine).GetCapAsync(cap));
        Assert.Empty(await Host.Account(mine).GetCapsAsync());
        Assert.True((await Host.Account(theirs).GetCapAsync(cap))!.Cap.Enabled);
    }

    [Fact]
    public async Task Check_NextDay_BeginsAnew()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1", period: CapPeriod.Daily);
        await Host.RecordAsync(account, [Event(cost: "1")]);
        Assert.False((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);

        Clock.Advance(TimeSpan.FromHours(12));

        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task Check_EventsDatedIntoOtherDays_CountInTheirOwn()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1", period: CapPeriod.Daily);
        Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromMinutes(3));

        // Three minutes before midnight: one event of yesterday, one dated four minutes ahead into tomorrow, none of today.
        await Host.RecordAsync(account, [Event(cost: "5", at: Clock.GetUtcNow().AddDays(-1)), Event(cost: "1", at: Clock.GetUtcNow().AddMinutes(4))]);
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
        await Host.RecordAsync(account, [Event(cost: "0.5")]);
        Assert.Equal(Dollars("0.5"), Assert.Single(await Host.Account(account).GetCapsAsync()).Spent);

        // Whoever loads now must know of tomorrow as well.
        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        await restarted.Account(account).GetCapsAsync();
        Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.False((await restarted.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
        Assert.False((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
        await AssertCapsEqualLedgerAsync(account, restarted);
    }

    [Fact]
    public async Task Record_CrossingThresholds_PutsEachOnRecordOnce()
    {
        var account = await Host.SignUpAsync();
        var cap = (await CreateCapAsync(account, "1")).Cap.Id;
        await Host.RecordAsync(account, [Event("a", "0.79")]);
        Assert.Empty(await AlertsAsync());

        await Host.RecordAsync(account, [Event("b", "0.01")]);
        await Host.RecordAsync(account, [Event("c", "0.5")]);
        await Host.RecordAsync(account, [Event("d", "0.5")]);

        // Another process that reads the same cap finds both on record.
        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        await restarted.RecordAsync(account, [Event("e", "0.1")]);
        await restarted.Grains.GetGrain<ICapGrain>(cap.ToString()).ReloadAsync();

        var alerts = await AlertsAsync();
        Assert.Equal(["cap_exceeded", "threshold_reached"], alerts.Select(alert => alert.AlertType).Order());
        Assert.Equal(Dollars("0.8"), alerts.Single(alert => alert.Threshold == 0.8m).CurrentSpend);
        Assert.Equal(Dollars("1.3"), alerts.Single(alert => alert.Threshold == 1m).CurrentSpend);

        async Task<IReadOnlyList<Domain.Alerts.Alert>> AlertsAsync() =>
            await Host.Get<AlertsStore>().ListAsync(account, 100, CancellationToken.None);
    }
}
