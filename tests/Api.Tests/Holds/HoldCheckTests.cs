using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Tests.Holds;

public sealed class HoldCheckTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Check_NoCaps_HoldsWhatTheCallMayCost()
    {
        using var person = await app.SignUpAsync();
        var before = TimeProvider.System.GetUtcNow();

        var answer = await person.HoldAsync(TestHolds.Ask());

        Assert.Equal(
            ["allowed", "hold_id", "status", "expires_at", "amount_usd", "max_output_tokens", "exceeded_caps", "message"], answer.Names());
        Assert.True(answer.IsAllowed());
        Assert.True(HoldId.TryParse(answer.Text("hold_id"), out _));
        Assert.Equal(("open", TestHolds.Cost, "500", "[]"), (answer.Text("status"), answer.Raw("amount_usd"), answer.Raw("max_output_tokens"), answer.Raw("exceeded_caps")));
        Assert.InRange(
            answer.GetProperty("expires_at").GetDateTimeOffset(), before + HoldLimits.DefaultTime - TimeSpan.FromSeconds(1), TimeProvider.System.GetUtcNow() + HoldLimits.DefaultTime);
    }

    [Fact]
    public async Task Check_CapFullOfHolds_IsDeniedAsHeldAndSaysWhenToRetry()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(0.0150m);
        var first = await person.HoldAsync(TestHolds.Ask());
        Assert.True((await person.HoldAsync(TestHolds.Ask())).IsAllowed());

        var denied = await person.HoldAsync(TestHolds.Ask());

        Assert.Equal(["allowed", "reason", "retry_after_ms", "amount_usd", "exceeded_caps", "message"], denied.Names());
        Assert.False(denied.IsAllowed());
        Assert.Equal(("held", TestHolds.Cost), (denied.Text("reason"), denied.Raw("amount_usd")));
        Assert.True(denied.Number("retry_after_ms") > 0);
        var exceeded = denied.OnlyCap();
        Assert.Equal(
            ["cap_id", "cap_type", "target_name", "limit", "current", "period", "exceeded_at", "kind", "held", "headroom", "retry_after_ms"],
            exceeded.Names());
        Assert.Equal((cap, "held", "0.015", "0", "0", "null"), (exceeded.Text("cap_id"), exceeded.Text("kind"), exceeded.Raw("held"), exceeded.Raw("headroom"), exceeded.Raw("current"), exceeded.Raw("exceeded_at")));
        Assert.Equal(denied.Number("retry_after_ms"), exceeded.Number("retry_after_ms"));

        var state = await person.GetAsync("/caps/" + cap);
        Assert.Equal(("0", "0.015", "0", "0"), (state.Raw("current_spend"), state.Raw("held"), state.Raw("remaining"), state.Raw("overrun")));
        var plain = await person.CheckAsync("customer_id=acme");
        Assert.Equal((false, "held", "held"), (plain.IsAllowed(), plain.Text("reason"), plain.OnlyCap().Text("kind")));
        Assert.True(plain.Number("retry_after_ms") > 0);
        Assert.Equal("null", plain.OnlyCap().Raw("exceeded_at"));

        await person.Sdk.DeleteAsync("/caps/holds/" + first.Text("hold_id")).JsonAsync();
        Assert.True((await person.CheckAsync("customer_id=acme")).IsAllowed());
        Assert.True((await person.HoldAsync(TestHolds.Ask())).IsAllowed());
    }

    [Fact]
    public async Task Check_SpendLeavesTooLittle_IsExceededWithWhatStillFits()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.015m);
        await person.SendAsync(TestEvents.Make("0.01", new { customer_id = "acme" }));

        var denied = await person.HoldAsync(TestHolds.Ask());

        // Of the half cent that is left a quarter goes into the input, and 250 tokens of output cost as much.
        Assert.Equal(["allowed", "reason", "amount_usd", "max_output_tokens", "exceeded_caps", "message"], denied.Names());
        Assert.Equal(("exceeded", "250"), (denied.Text("reason"), denied.Raw("max_output_tokens")));
        Assert.Equal(("exceeded", "0.005", "0.01", "null"), (denied.OnlyCap().Text("kind"), denied.OnlyCap().Raw("headroom"), denied.OnlyCap().Raw("current"), denied.OnlyCap().Raw("exceeded_at")));
        Assert.True((await person.CheckAsync("customer_id=acme")).IsAllowed());
    }

    [Fact]
    public async Task Check_SeveralCapsDeny_TheMostLastingIsTheReason()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.01m);
        await person.HoldAsync(TestHolds.Ask());
        await person.CapAsync(0.02m, "model", "gpt-4o");
        await person.SendAsync(TestEvents.Make("0", new { provider = "openai", model = "gpt-4o", output_tokens = 2000 }));

        var denied = await person.HoldAsync(TestHolds.Ask());

        Assert.Equal("exceeded", denied.Text("reason"));
        Assert.False(denied.Has("retry_after_ms"));
        Assert.False(denied.Has("max_output_tokens"));
        var kinds = denied.GetProperty("exceeded_caps").EnumerateArray().ToDictionary(cap => cap.Text("cap_type"), cap => cap.Text("kind"));
        Assert.Equal(("held", "exceeded"), (kinds["customer"], kinds["model"]));
        Assert.Contains("the daily cap on model gpt-4o", denied.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_MoreThanTheShareOfOneHold_IsDeniedUntilItAsksForLess()
    {
        using var person = await app.SignUpAsync();
        await person.ChangeSettingsAsync(new { max_hold_share = 0.5 });
        await person.CapAsync(0.01m);

        var denied = await person.HoldAsync(TestHolds.Ask());

        Assert.Equal(("hold_share", "250"), (denied.Text("reason"), denied.Raw("max_output_tokens")));
        Assert.Equal(("hold_share", "0.005"), (denied.OnlyCap().Text("kind"), denied.OnlyCap().Raw("headroom")));
        Assert.False(denied.Has("retry_after_ms"));
        Assert.True((await person.HoldAsync(TestHolds.Ask(new { estimate = new { input_tokens = 1000, max_output_tokens = 250 } }))).IsAllowed());
    }

    [Fact]
    public async Task Check_Clamp_HoldsTheOutputThatFits()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(0.005m);

        var answer = await person.HoldAsync(TestHolds.Ask(new { clamp = true }));

        Assert.Equal((true, "true", "250", "0.005"), (answer.IsAllowed(), answer.Raw("clamped"), answer.Raw("max_output_tokens"), answer.Raw("amount_usd")));
        Assert.True(answer.Has("hold_id"));
        Assert.Equal("0.005", (await person.GetAsync("/caps/" + cap)).Raw("held"));
        var next = await person.HoldAsync(TestHolds.Ask(new { clamp = true }));
        Assert.Equal((false, "held"), (next.IsAllowed(), next.Text("reason")));
        Assert.True(next.Number("retry_after_ms") > 0);
        Assert.Equal(TestHolds.Cost, next.Raw("amount_usd"));
        Assert.False(next.Has("max_output_tokens"));
        Assert.Equal("exceeded", (await person.HoldAsync(TestHolds.Ask())).Text("reason"));
        Assert.False(next.Has("clamped"));
    }

    [Fact]
    public async Task Check_ClampOfWhatFits_HoldsTheWhole()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.0075m);

        var answer = await person.HoldAsync(TestHolds.Ask(new { clamp = true }));

        Assert.Equal((true, "500"), (answer.IsAllowed(), answer.Raw("max_output_tokens")));
        Assert.False(answer.Has("clamped"));
    }

    [Theory]
    [InlineData(250, true)]
    [InlineData(251, false)]
    public async Task Check_ClampBelowTheLeastOutput_IsDenied(int min, bool allowed)
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.005m);

        var answer = await person.HoldAsync(TestHolds.Ask(
            new { clamp = true, estimate = new { input_tokens = 1000, max_output_tokens = 500, min_output_tokens = min } }));

        Assert.Equal(allowed, answer.IsAllowed());
        Assert.Equal(allowed, answer.Has("max_output_tokens"));
    }

    [Fact]
    public async Task Check_DryRun_DecidesAndHoldsNothing()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(0.0075m);

        var answer = await person.HoldAsync(TestHolds.Ask(new { dry_run = true }), key: "dry");
        var clamped = await person.HoldAsync(TestHolds.Ask(
            new { dry_run = true, clamp = true, estimate = new { input_tokens = 1000, max_output_tokens = 1000 } }), key: "dry");

        Assert.Equal(["allowed", "amount_usd", "max_output_tokens", "dry_run", "exceeded_caps", "message"], answer.Names());
        Assert.Equal((true, TestHolds.Cost, "true"), (answer.IsAllowed(), answer.Raw("amount_usd"), answer.Raw("dry_run")));
        Assert.Equal((true, TestHolds.Cost, "true", "500"), (clamped.IsAllowed(), clamped.Raw("amount_usd"), clamped.Raw("clamped"), clamped.Raw("max_output_tokens")));
        Assert.Equal("0", (await person.GetAsync("/caps/" + cap)).Raw("held"));
        Assert.True((await person.HoldAsync(TestHolds.Ask(), key: "dry")).IsAllowed());
        var denied = await person.HoldAsync(TestHolds.Ask(new { dry_run = true }));
        Assert.Equal((false, "held", "true"), (denied.IsAllowed(), denied.Text("reason"), denied.Raw("dry_run")));
    }

    [Theory]
    [InlineData("""{"usage":{"input_tokens":1000,"cache_read_tokens":1000,"output_tokens":100}}""", "0.00225")]
    [InlineData("""{"usage":{"input_tokens":1000},"cost_usd":5}""", "0.0025")]
    [InlineData("""{"input_tokens":1000.0,"max_output_tokens":0}""", "0.0025")]
    [InlineData("""{"input_tokens":0,"max_output_tokens":1e2}""", "0.001")]
    [InlineData("""{"cost_usd":0.008754999999999999}""", "0.008755")]
    [InlineData("""{"cost_usd":0}""", "0")]
    [InlineData("""{"input_tokens":0,"max_output_tokens":0,"cost_usd":1.5e-7}""", "0.00000015")]
    public async Task Check_EstimateInAnyForm_IsABound(string estimate, string amount)
    {
        using var person = await app.SignUpAsync();

        var answer = await person.HoldAsync(TestHolds.Ask(new { estimate = System.Text.Json.JsonDocument.Parse(estimate).RootElement }));

        Assert.Equal((true, amount), (answer.IsAllowed(), answer.Raw("amount_usd")));
        Assert.False(answer.Has("unpriced"));
        Assert.Equal(estimate.Contains("max_output", StringComparison.Ordinal), answer.Has("max_output_tokens"));
    }

    [Fact]
    public async Task Check_CallsWithoutTokens_AreBoundByTheirEndpoint()
    {
        using var person = await app.SignUpAsync();

        // One read unit: $16 a million.
        var query = await person.HoldAsync(TestHolds.Ask(
            new { provider = "pinecone", model = (string?)null, endpoint = "query", span_type = "vector_db", estimate = new { } }));

        Assert.Equal("0.000016", query.Raw("amount_usd"));
        Assert.False(query.Has("unpriced"));
    }

    [Fact]
    public async Task Check_LabelsInAnyForm_AreThoseOfTheEvents()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.0075m, "agent", "researcher");

        var answer = await person.HoldAsync(TestHolds.Ask(
            new { provider = "OpenAI", model = "gpt-4o-2024-08-06", agent = "agent:Researcher/tool:web_search", customer_id = "" }));

        var hold = await person.Sdk.GetAsync("/caps/holds/" + answer.Text("hold_id")).JsonAsync();
        Assert.Equal(("openai", "gpt-4o", "researcher", "null"), (hold.Text("provider"), hold.Text("model"), hold.Text("agent"), hold.Raw("customer_id")));
        Assert.False((await person.HoldAsync(TestHolds.Ask(new { agent = " RESEARCHER " }))).IsAllowed());
    }

    [Fact]
    public async Task Check_TtlSeconds_IsWhenItExpires()
    {
        using var person = await app.SignUpAsync();

        var answer = await person.HoldAsync(TestHolds.Ask(new { ttl_seconds = 3600 }));

        var hold = await person.Sdk.GetAsync("/caps/holds/" + answer.Text("hold_id")).JsonAsync();
        Assert.Equal(TimeSpan.FromHours(1), hold.GetProperty("expires_at").GetDateTimeOffset() - hold.GetProperty("granted_at").GetDateTimeOffset());
    }
}
