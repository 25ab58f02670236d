using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

public sealed class DenialTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task Hold_SpendLeavesTooLittle_IsExceededWithoutARetry()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await Host.RecordAsync(account, [Event(cost: "0.7")]);

        var denial = await DenialAsync(account, Request("0.4"));

        Assert.Equal((DenialKind.Exceeded, Dollars("0.3"), null), (denial.Kind, denial.Headroom, denial.RetryAfter));
        Assert.Equal((Dollars("0.7"), Dollars("0")), (denial.Standing.Spent, denial.Standing.Held));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.3"));
    }

    [Fact]
    public async Task Hold_CallsInFlightFillTheCap_IsHeldWithHeadroomAndARetry()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.7");

        var denial = await DenialAsync(account, Request("0.4"));

        Assert.Equal((DenialKind.Held, Dollars("0.3")), (denial.Kind, denial.Headroom));
        Assert.Equal((Dollars("0"), Dollars("0.7")), (denial.Standing.Spent, denial.Standing.Held));
        Assert.InRange(denial.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Hold_WithoutAPrice_IsDeniedUnderHardCapsWhereTheAccountSaysSo()
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"));
        await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "beta"), enforcement: CapEnforcement.Alert);
        Assert.Equal(HoldAnswerKind.Granted, (await HoldAsync(account, Request("0", Labels("acme"), unpriced: true))).Kind);

        var settings = await Host.Account(account).ChangeCheckSettingsAsync(AccountSettings.DenyUnpriced, null);
        Assert.Equal((AccountSettings.DenyUnpriced, 1m), (settings.UnpricedPolicy, settings.MaxHoldShare));

        var denial = await DenialAsync(account, Request("0", Labels("acme"), unpriced: true));
        Assert.Equal((DenialKind.Unpriced, null), (denial.Kind, denial.RetryAfter));
        Assert.Equal(DenialKind.Unpriced, Assert.Single((await Host.Account(account).CheckAsync(Labels("acme"), unpriced: true)).Denials).Kind);
        Assert.True((await Host.Account(account).CheckAsync(Labels("acme"), unpriced: false)).Allowed);

        // Neither an alert nor no cap at all denies.
        Assert.Equal(HoldAnswerKind.Granted, (await HoldAsync(account, Request("0", Labels("beta"), unpriced: true))).Kind);
        Assert.True((await Host.Account(account).CheckAsync(Labels("gamma"), unpriced: true)).Allowed);

        // Also by an activation that reads the settings.
        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        Assert.False((await restarted.Account(account).CheckAsync(Labels("acme"), unpriced: true)).Allowed);
    }

    [Fact]
    public async Task Hold_MoreThanOneCallMayTake_IsOfTheShare()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        Assert.Equal(0.25m, (await Host.Account(account).ChangeCheckSettingsAsync(null, 0.25m)).MaxHoldShare);

        var denial = await DenialAsync(account, Request("0.250000001"));
        Assert.Equal((DenialKind.HoldShare, Dollars("0.25"), null), (denial.Kind, denial.Headroom, denial.RetryAfter));

        for (var i = 0; i < 4; i++)
        {
            await GrantAsync(account, "0.25");
        }

        Assert.Equal(Dollars("1"), await HeldAsync(account, cap));
        Assert.Equal(DenialKind.Held, (await DenialAsync(account, Request("0.25"))).Kind);
    }

    [Theory]
    [InlineData("forbid", null)]
    [InlineData(null, "0")]
    [InlineData(null, "1.01")]
    public async Task ChangeCheckSettings_OutOfBounds_ChangesNothing(string? policy, string? share)
    {
        var account = await Host.SignUpAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Host.Account(account).ChangeCheckSettingsAsync(
            policy, share is null ? null : decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture)));

        var settings = await Host.Account(account).GetSettingsAsync();
        Assert.Equal((AccountSettings.AllowUnpriced, 1m), (settings.UnpricedPolicy, settings.MaxHoldShare));
    }

    [Fact]
    public async Task Hold_AlertAndDisabledCapsUsedUp_IsGrantedAndTheyShowIt()
    {
        var account = await Host.SignUpAsync();
        var alert = await CreateCapAsync(account, "0.1", enforcement: CapEnforcement.Alert);
        var disabled = await CreateCapAsync(account, "0.1", new CapScope(CapType.Model, "gpt-4o"));
        await ChangeAsync(account, disabled, new CapChange { Enabled = false });

        await GrantAsync(account, "0.5");
        await Host.RecordAsync(account, [Event(cost: "3")]);
        await GrantAsync(account, "0.5");

        Assert.Equal((Dollars("3"), Dollars("1")), await StandingAsync(account, alert));
        Assert.Equal((Dollars("3"), Dollars("1")), await StandingAsync(account, disabled));
        Assert.True((await Host.Account(account).CheckAsync(Labels(), unpriced: false)).Allowed);
    }

    [Fact]
    public async Task Hold_SeveralCapsDeny_NamesEachWithItsOwnReason()
    {
        var account = await Host.SignUpAsync();
        var spent = await CreateCapAsync(account, "1", new CapScope(CapType.Model, "gpt-4o"));
        var held = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"));
        await CreateCapAsync(account, "100");
        await Host.RecordAsync(account, [Event(cost: "0.9", customer: "beta")]);
        await GrantAsync(account, "0.9", Labels("acme", model: "gpt-4o-mini"));

        var denials = (await HoldAsync(account, Request("0.2", Labels("acme")))).Check.Denials;

        Assert.Equal(2, denials.Length);
        Assert.Equal(DenialKind.Exceeded, denials.Single(denial => denial.Standing.Cap.Id == spent.Cap.Id).Kind);
        Assert.Equal(DenialKind.Held, denials.Single(denial => denial.Standing.Cap.Id == held.Cap.Id).Kind);
        Assert.Null(denials.RetryAfter());
        Assert.Equal(Dollars("0.1"), denials.Headroom());
    }

    private async Task<CapDenial> DenialAsync(Domain.Accounts.AccountId account, HoldRequest request)
    {
        var answer = await HoldAsync(account, request);
        Assert.Equal((HoldAnswerKind.Denied, false, null), (answer.Kind, answer.Check.Allowed, answer.Hold));
        return Assert.Single(answer.Check.Denials);
    }
}
