using System.Text.Json;

namespace LlmObserve.Api.Tests.Caps;

public sealed class CapCheckTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Check_NoCaps_IsAllowed()
    {
        using var person = await app.SignUpAsync();

        var answer = await person.CheckAsync("provider=openai&model=gpt-4o&customer_id=acme&agent=writer");

        Assert.True(answer.GetProperty("allowed").GetBoolean());
        Assert.Equal("[]", answer.GetProperty("exceeded_caps").GetRawText());
        Assert.NotEmpty(answer.Text("message"));
        Assert.Equal(["allowed", "exceeded_caps", "message"], answer.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Check_SpendReachesAHardCap_TheNextIsDenied()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CreateCapAsync(Hard("customer", "acme", 1m));
        await person.SendAsync(TestEvents.Make("0.999999999", new { customer_id = "acme" }));
        Assert.True(Allowed(await person.CheckAsync("customer_id=acme")));

        await person.SendAsync(TestEvents.Make("0.000000001", new { customer_id = "acme" }));
        var denied = await person.CheckAsync("customer_id=acme");

        Assert.False(Allowed(denied));
        var exceeded = Assert.Single(denied.GetProperty("exceeded_caps").EnumerateArray());
        Assert.Equal(
            ["cap_id", "cap_type", "target_name", "limit", "current", "period", "exceeded_at", "kind", "held", "headroom"],
            exceeded.EnumerateObject().Select(member => member.Name));
        Assert.Equal((cap.Text("id"), "customer", "acme", "daily"), (exceeded.Text("cap_id"), exceeded.Text("cap_type"), exceeded.Text("target_name"), exceeded.Text("period")));
        Assert.Equal(("1", "1"), (exceeded.GetProperty("limit").GetRawText(), exceeded.GetProperty("current").GetRawText()));
        Assert.Equal(JsonValueKind.String, exceeded.GetProperty("exceeded_at").ValueKind);
        Assert.Contains("acme", denied.Text("message"), StringComparison.Ordinal);

        var state = await person.GetAsync("/caps/" + cap.Text("id"));
        Assert.Equal(("1", "0", "100"), (state.GetProperty("current_spend").GetRawText(), state.GetProperty("remaining").GetRawText(), state.GetProperty("percentage_used").GetRawText()));
        Assert.Equal(exceeded.Text("exceeded_at"), state.Text("exceeded_at"));
        Assert.True(Allowed(await person.CheckAsync("customer_id=beta")));
        Assert.True(Allowed(await person.CheckAsync("")));
    }

    [Fact]
    public async Task Check_CapMadeAfterTheSpend_CountsIt()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("3"));

        await person.CreateCapAsync(new { cap_type = "global", limit_amount = 2, period = "monthly", enforcement = "hard_block" });

        Assert.False(Allowed(await person.CheckAsync("provider=openai")));
    }

    [Fact]
    public async Task Check_AlertCap_NeverDenies()
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(new { cap_type = "global", limit_amount = 1, period = "daily" });
        await person.SendAsync(TestEvents.Make("3"));

        Assert.True(Allowed(await person.CheckAsync("")));
    }

    [Fact]
    public async Task Check_DatedModelNames_AreTheModelOfTheCap()
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(Hard("model", "gpt-4o", 0.000000001m));
        await person.SendAsync(TestEvents.Make("0", new { provider = "openai", model = "gpt-4o-2024-08-06", input_tokens = 100, output_tokens = 10 }));

        Assert.False(Allowed(await person.CheckAsync("model=gpt-4o")));
        Assert.False(Allowed(await person.CheckAsync("provider=openai&model=gpt-4o-2024-11-20")));
        Assert.True(Allowed(await person.CheckAsync("provider=openai&model=gpt-4o-mini-2024-07-18")));
        Assert.True(Allowed(await person.CheckAsync("provider=openai")));
    }

    [Fact]
    public async Task Check_CapOnADatedName_IsACapOnItsModel()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CreateCapAsync(Hard("model", "gpt-4o-2024-08-06", 0.000000001m));
        await person.SendAsync(TestEvents.Make("0", new { provider = "OpenAI", model = "gpt-4o", input_tokens = 100 }));

        Assert.Equal("gpt-4o-2024-08-06", cap.Text("target_name"));
        Assert.False(Allowed(await person.CheckAsync("model=gpt-4o-2024-11-20")));
    }

    [Fact]
    public async Task Check_CustomerSubScopes_CountOnlyTheirPart()
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(Hard("customer", "acme", 0.000000001m, "model", "gpt-4o"));
        await person.CreateCapAsync(Hard("customer", "beta", 0.000000001m, "provider", "OpenAI"));
        await person.SendAsync(
            TestEvents.Make("1", new { customer_id = "acme" }),
            TestEvents.Make("1", new { customer_id = "beta" }),
            TestEvents.Make("0", new { customer_id = "gamma", provider = "openai", model = "gpt-4o", input_tokens = 1000 }));
        Assert.True(Allowed(await person.CheckAsync("customer_id=acme&provider=openai&model=gpt-4o")));
        Assert.True(Allowed(await person.CheckAsync("customer_id=beta&provider=openai")));

        await person.SendAsync(
            TestEvents.Make("0", new { customer_id = "acme", provider = "openai", model = "gpt-4o-2024-08-06", input_tokens = 1000 }),
            TestEvents.Make("0", new { customer_id = "beta", provider = "openai", model = "gpt-4o-mini", input_tokens = 1000 }));

        Assert.False(Allowed(await person.CheckAsync("customer_id=acme&provider=openai&model=gpt-4o")));
        Assert.True(Allowed(await person.CheckAsync("customer_id=acme&provider=openai&model=gpt-4o-mini")));
        Assert.False(Allowed(await person.CheckAsync("customer_id=beta&provider=openai&model=gpt-4o")));
        Assert.True(Allowed(await person.CheckAsync("customer_id=beta&provider=anthropic")));
        Assert.True(Allowed(await person.CheckAsync("customer_id=gamma&provider=openai&model=gpt-4o")));
    }

    [Theory]
    [InlineData("agent=researcher")]
    [InlineData("agent=agent:Researcher")]
    [InlineData("agent=agent%3Aresearcher%2Ftool%3Aweb_search")]
    [InlineData("agent=%20RESEARCHER%20")]
    public async Task Check_AgentInAnyForm_IsTheAgentOfTheEvents(string query)
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(Hard("agent", "agent:researcher", 1m));
        await person.SendAsync(TestEvents.Make("2", new { section = "tool:web_search", section_path = "agent:researcher/tool:web_search" }));

        Assert.False(Allowed(await person.CheckAsync(query)));
        Assert.True(Allowed(await person.CheckAsync("agent=writer")));
    }

    [Fact]
    public async Task Check_ProviderInAnyCase_IsTheProviderOfTheEvents()
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(Hard("provider", "Nobodys-Provider", 1m));
        await person.SendAsync(TestEvents.Make("2"));

        Assert.False(Allowed(await person.CheckAsync("provider=NOBODYS-PROVIDER")));
        Assert.False(Allowed(await person.CheckAsync("provider=nobodys-provider")));
        Assert.True(Allowed(await person.CheckAsync("provider=openai")));
    }

    [Theory]
    [InlineData("model=%00&customer_id=%ED%A0%80&agent=%01")]
    [InlineData("model=%&customer_id=%zz&=&&agent")]
    [InlineData("customer_id=%F0%9F%98%80")]
    public async Task Check_OddLabels_IsAnsweredLikeAnyOther(string query)
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(Hard("global", null, 1m));

        Assert.True(Allowed(await person.CheckAsync(query)));
        await person.SendAsync(TestEvents.Make("2"));
        Assert.False(Allowed(await person.CheckAsync(query)));
    }

    private static bool Allowed(JsonElement answer) => answer.GetProperty("allowed").GetBoolean();

    private static object Hard(string type, string? target, decimal limit, string? subScope = null, string? subTarget = null) => new
    {
        cap_type = type,
        target_name = target,
        sub_scope = subScope,
        sub_target = subTarget,
        limit_amount = limit,
        period = "daily",
        enforcement = "hard_block",
    };
}
