using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Caps;

public sealed class CapsTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Create_EveryField_IsAnsweredAndListed()
    {
        using var person = await app.SignUpAsync();

        var cap = await person.CreateCapAsync(new
        {
            cap_type = "customer",
            target_name = "Acme Ltd",
            sub_scope = "model",
            sub_target = "GPT-4o-2024-08-06",
            limit_amount = 12.345678901m,
            period = "weekly",
            enforcement = "hard_block",
            alert_threshold = 0.5,
            alert_email = "money@example.com",
            surprise = "ignored",
        });

        Assert.Equal(32, cap.Text("id").Length);
        Assert.Equal(("customer", "Acme Ltd"), (cap.Text("cap_type"), cap.Text("target_name")));
        Assert.Equal(("model", "GPT-4o-2024-08-06"), (cap.Text("sub_scope"), cap.Text("sub_target")));
        Assert.Equal("12.345678901", cap.GetProperty("limit_amount").GetRawText());
        Assert.Equal(("weekly", "hard_block"), (cap.Text("period"), cap.Text("enforcement")));
        Assert.Equal("0.5", cap.GetProperty("alert_threshold").GetRawText());
        Assert.Equal("[0.5,1]", cap.GetProperty("thresholds").GetRawText());
        Assert.Equal("money@example.com", cap.Text("alert_email"));
        Assert.True(cap.GetProperty("enabled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, cap.GetProperty("exceeded_at").ValueKind);
        Assert.Equal(
            ("0", "0", "12.345678901", "0"),
            (Raw(cap, "current_spend"), Raw(cap, "held"), Raw(cap, "remaining"), Raw(cap, "percentage_used")));
        var start = cap.GetProperty("period_start").GetDateTimeOffset();
        Assert.Equal(DayOfWeek.Monday, start.DayOfWeek);
        Assert.Equal(start.AddDays(7), cap.GetProperty("period_end").GetDateTimeOffset());
        Assert.Equal(cap.Text("created_at"), cap.Text("updated_at"));
        Assert.False(cap.TryGetProperty("stale", out _));

        Assert.Equal(cap.GetRawText(), (await person.GetAsync("/caps/" + cap.Text("id"))).GetRawText());
        Assert.Equal([cap.GetRawText()], (await person.GetAsync("/caps/")).EnumerateArray().Select(each => each.GetRawText()));
    }

    [Fact]
    public async Task Create_LeastFields_TakesTheDefaults()
    {
        using var person = await app.SignUpAsync();

        var cap = await person.CreateCapAsync(new { cap_type = "global", target_name = "", limit_amount = 5, period = "monthly" });

        Assert.Equal(("alert", "0.8", "[0.8,1]"), (cap.Text("enforcement"), Raw(cap, "alert_threshold"), Raw(cap, "thresholds")));
        Assert.All(["target_name", "sub_scope", "sub_target", "alert_email"], name => Assert.Equal(JsonValueKind.Null, cap.GetProperty(name).ValueKind));
    }

    [Fact]
    public async Task Create_ManyFaults_NamesEveryOne()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.CreateCapAsync(
            new { cap_type = "planet", target_name = 7, limit_amount = 1.0000000001m, period = "yearly", enforcement = "maybe", alert_threshold = 1.5, alert_email = "nobody" },
            422);

        Assert.Equal("invalid-request", problem.Text("code"));
        Assert.Equal(
            [
                ("alert_email", "malformed"), ("alert_threshold", "out-of-range"), ("cap_type", "unknown-value"), ("enforcement", "unknown-value"),
                ("limit_amount", "too-precise"), ("period", "unknown-value"), ("target_name", "malformed"),
            ],
            problem.Faults().Order());
    }

    [Theory]
    [InlineData("""{}""", "cap_type:required limit_amount:required period:required")]
    [InlineData("""{"cap_type":"model","limit_amount":0,"period":"daily"}""", "limit_amount:not-positive target_name:required")]
    [InlineData("""{"cap_type":"global","limit_amount":-1,"period":"daily"}""", "limit_amount:not-positive")]
    [InlineData("""{"cap_type":"global","limit_amount":1e10,"period":"daily"}""", "limit_amount:out-of-range")]
    [InlineData("""{"cap_type":"global","limit_amount":1000000000.1,"period":"daily"}""", "limit_amount:out-of-range")]
    [InlineData("""{"cap_type":"global","limit_amount":"ten","period":"daily"}""", "limit_amount:malformed")]
    [InlineData("""{"cap_type":"global","target_name":"acme","limit_amount":1,"period":"daily"}""", "target_name:conflict")]
    [InlineData("""{"cap_type":"model","target_name":"x","sub_scope":"provider","limit_amount":1,"period":"daily"}""", "sub_scope:conflict sub_target:required")]
    [InlineData("""{"cap_type":"agent","target_name":"agent:","limit_amount":1,"period":"daily"}""", "target_name:required")]
    [InlineData("""{"cap_type":"customer","target_name":"a\u0000b","limit_amount":1,"period":"daily"}""", "target_name:bad-character")]
    public async Task Create_Faulty_IsRefusedWithPathsAndCodes(string body, string faults)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Session.PostAsync("/caps", Json(body)).JsonAsync(422);

        Assert.Equal(faults, string.Join(' ', problem.Faults().Select(fault => $"{fault.Path}:{fault.Code}").Order(StringComparer.Ordinal)));
        Assert.Empty((await person.GetAsync("/caps")).EnumerateArray());
    }

    [Fact]
    public async Task Change_SomeFields_ChangesThoseAlone()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CreateCapAsync(
            new { cap_type = "provider", target_name = "OpenAI", limit_amount = 10, period = "daily", alert_email = "a@example.com" });
        var path = "/caps/" + cap.Text("id");

        var raised = await person.Session.PatchAsJsonAsync(path, new { limit_amount = 20, alert_threshold = 0.9, enforcement = "hard_block", nonsense = 1 }).JsonAsync();
        var nulls = await person.Session.PatchAsync(path, Json("""{"limit_amount":null,"enabled":null,"enforcement":null,"alert_threshold":null}""")).JsonAsync();
        var quiet = await person.Session.PatchAsync(path, Json("""{"alert_email":null,"enabled":false}""")).JsonAsync();

        Assert.Equal(("20", "0.9", "hard_block", "a@example.com"), (Raw(raised, "limit_amount"), Raw(raised, "alert_threshold"), raised.Text("enforcement"), raised.Text("alert_email")));
        Assert.Equal(("OpenAI", "daily"), (raised.Text("target_name"), raised.Text("period")));
        Assert.Equal(("20", "0.9", "hard_block", true), (Raw(nulls, "limit_amount"), Raw(nulls, "alert_threshold"), nulls.Text("enforcement"), nulls.GetProperty("enabled").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, quiet.GetProperty("alert_email").ValueKind);
        Assert.False(quiet.GetProperty("enabled").GetBoolean());
        Assert.Equal(quiet.GetRawText(), (await person.GetAsync(path)).GetRawText());
    }

    [Fact]
    public async Task Change_Faulty_ChangesNothing()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CreateCapAsync(new { cap_type = "global", limit_amount = 10, period = "daily" });
        var path = "/caps/" + cap.Text("id");

        var problem = await person.Session.PatchAsync(
            path, Json("""{"limit_amount":0.00000000001,"alert_threshold":0,"enabled":"yes","enforcement":"soft","alert_email":5}""")).JsonAsync(422);

        Assert.Equal(["alert_email", "alert_threshold", "enabled", "enforcement", "limit_amount"], problem.Faults().Select(fault => fault.Path).Order());
        Assert.Equal(cap.GetRawText(), (await person.GetAsync(path)).GetRawText());
    }

    [Fact]
    public async Task Delete_Cap_IsGone()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CreateCapAsync(new { cap_type = "global", limit_amount = 0.000000001m, period = "daily", enforcement = "hard_block" });
        await person.SendAsync(TestEvents.Make("1"));
        Assert.False((await person.CheckAsync("")).GetProperty("allowed").GetBoolean());

        var answer = await person.Session.DeleteAsync("/caps/" + cap.Text("id")).JsonAsync();

        Assert.Equal("success", answer.Text("status"));
        await person.GetAsync("/caps/" + cap.Text("id"), 404);
        await person.Session.DeleteAsync("/caps/" + cap.Text("id")).JsonAsync(404);
        Assert.Empty((await person.GetAsync("/caps")).EnumerateArray());
        Assert.True((await person.CheckAsync("")).GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task Keys_ManageScope_IsNeededForCapsAndCheckScopeForChecks()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = new[] { "manage" } }).JsonAsync();
        using var manager = app.With(made.Text("key"));

        await manager.PostAsJsonAsync("/caps", new { cap_type = "global", limit_amount = 1, period = "daily" }).JsonAsync();
        await manager.GetAsync("/caps").JsonAsync();
        await manager.GetAsync("/caps/check").JsonAsync(403);
        await person.Sdk.GetAsync("/caps/check/").JsonAsync();
        await person.Sdk.GetAsync("/caps").JsonAsync(403);
        await person.Sdk.GetAsync("/caps/alerts").JsonAsync(403);
        await app.Anyone.GetAsync("/caps/check").JsonAsync(401);
        await person.Session.GetAsync("/caps/check").JsonAsync();
    }

    [Fact]
    public async Task Alerts_CrossedThresholds_NewestFirstUpToTheLimit()
    {
        using var person = await app.SignUpAsync();
        await person.CreateCapAsync(new { cap_type = "customer", target_name = "acme", limit_amount = 10, period = "daily", alert_threshold = 0.5 });
        await person.SendAsync(TestEvents.Make("6", new { customer_id = "acme" }));
        await person.SendAsync(TestEvents.Make("5.5", new { customer_id = "acme" }));

        var alerts = (await person.GetAsync("/caps/alerts/")).EnumerateArray().ToList();

        Assert.Equal(["cap_exceeded", "threshold_reached"], alerts.Select(alert => alert.Text("alert_type")));
        var first = alerts[1];
        Assert.Equal(("6", "10", "60"), (Raw(first, "current_spend"), Raw(first, "cap_limit"), Raw(first, "percentage")));
        Assert.Equal(("customer", "acme"), (first.Text("target_type"), first.Text("target_name")));
        Assert.False(first.GetProperty("email_sent").GetBoolean());
        Assert.Equal(first.GetProperty("period_start").GetDateTimeOffset().AddDays(1), first.GetProperty("period_end").GetDateTimeOffset());
        Assert.Equal(alerts[0].GetRawText(), Assert.Single((await person.GetAsync("/caps/alerts?limit=1")).EnumerateArray()).GetRawText());
        Assert.Equal([("limit", "out-of-range")], (await person.GetAsync("/caps/alerts?limit=201", 422)).Faults());
        await person.GetAsync("/caps/alerts?limit=200");
    }

    private static string Raw(JsonElement element, string name) => element.GetProperty(name).GetRawText();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
