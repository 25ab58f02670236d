namespace LlmObserve.Api.Tests.Holds;

/// <summary>Calls that no price is known for.</summary>
public sealed class UnpricedTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly object s_nobodys = new { provider = "nobodys-provider", model = "nobodys-model" };

    [Fact]
    public async Task Check_UnknownModelByDefault_IsAllowedAndSaysThatItBoundsNothing()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(1m);

        var answer = await person.HoldAsync(TestHolds.Ask(s_nobodys));
        var own = await person.HoldAsync(TestHolds.Ask(
            new { provider = "nobodys-provider", model = "nobodys-model", estimate = new { input_tokens = 1, max_output_tokens = 1, cost_usd = 0.25 } }));

        Assert.Equal((true, "0", "true"), (answer.IsAllowed(), answer.Raw("amount_usd"), answer.Raw("unpriced")));
        Assert.Equal((true, "0.25", "true"), (own.IsAllowed(), own.Raw("amount_usd"), own.Raw("unpriced")));
        Assert.True((await person.CheckAsync("provider=nobodys-provider&model=nobodys-model&customer_id=acme")).IsAllowed());
    }

    [Fact]
    public async Task Check_UnknownModelWhereTheAccountDenies_IsDeniedUnderAHardCapOnly()
    {
        using var person = await app.SignUpAsync();
        await person.ChangeSettingsAsync(new { unpriced_policy = "deny" });
        await person.CapAsync(1m);

        var denied = await person.HoldAsync(TestHolds.Ask(s_nobodys));
        var plain = await person.CheckAsync("provider=nobodys-provider&model=nobodys-model&customer_id=acme");

        Assert.Equal((false, "unpriced", "true"), (denied.IsAllowed(), denied.Text("reason"), denied.Raw("unpriced")));
        Assert.Equal("unpriced", denied.OnlyCap().Text("kind"));
        Assert.False(denied.Has("retry_after_ms"));
        Assert.False(denied.Has("max_output_tokens"));
        Assert.Equal((false, "unpriced", "unpriced"), (plain.IsAllowed(), plain.Text("reason"), plain.OnlyCap().Text("kind")));

        Assert.True((await person.CheckAsync("model=nobodys-model&customer_id=other")).IsAllowed());
        Assert.True((await person.CheckAsync("provider=nobodys-provider&customer_id=acme")).IsAllowed());
        Assert.True((await person.CheckAsync("provider=openai&model=gpt-4o-2024-08-06&customer_id=acme")).IsAllowed());
        Assert.True((await person.HoldAsync(TestHolds.Ask())).IsAllowed());
        Assert.True((await person.HoldAsync(TestHolds.Ask(new { provider = "nobodys-provider", model = "nobodys-model", customer_id = "other" }))).IsAllowed());
    }

    [Fact]
    public async Task Check_ClampOfAnUnknownModel_IsDenied()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.1m);

        var denied = await person.HoldAsync(TestHolds.Ask(new
        {
            provider = "nobodys-provider",
            model = "nobodys-model",
            clamp = true,
            estimate = new { input_tokens = 1, max_output_tokens = 10, cost_usd = 0.2 },
        }));

        Assert.Equal((false, "exceeded"), (denied.IsAllowed(), denied.Text("reason")));
        Assert.False(denied.Has("max_output_tokens"));
    }

    [Fact]
    public async Task Settings_Defaults_AllowAndBoundNothing()
    {
        using var person = await app.SignUpAsync();

        var settings = await person.GetAsync("/caps/settings");

        Assert.Equal("""{"unpriced_policy":"allow","max_hold_share":1}""", settings.GetRawText());
    }

    [Fact]
    public async Task Settings_Changed_KeepWhatIsNotSent()
    {
        using var person = await app.SignUpAsync();

        await person.ChangeSettingsAsync(new { unpriced_policy = "deny" });
        var changed = await person.ChangeSettingsAsync(new { max_hold_share = 0.25, unpriced_policy = (string?)null, surprise = 1 });

        Assert.Equal("""{"unpriced_policy":"deny","max_hold_share":0.25}""", changed.GetRawText());
        Assert.Equal(changed.GetRawText(), (await person.GetAsync("/caps/settings")).GetRawText());
        Assert.Equal(changed.GetRawText(), (await person.ChangeSettingsAsync(new { })).GetRawText());
    }

    [Theory]
    [InlineData("0", "not-positive")]
    [InlineData("-0.5", "out-of-range")]
    [InlineData("1.0000001", "out-of-range")]
    [InlineData("\"1\"", "malformed")]
    public async Task Settings_Faulty_NamesEveryFaultAndChangesNothing(string share, string code)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.ChangeSettingsAsync(System.Text.Json.JsonDocument.Parse($$"""{"unpriced_policy":"maybe","max_hold_share":{{share}}}""").RootElement, 422);

        Assert.Equal([("unpriced_policy", "unknown-value"), ("max_hold_share", code)], problem.Faults());
        Assert.Equal("allow", (await person.GetAsync("/caps/settings")).Text("unpriced_policy"));
    }
}
