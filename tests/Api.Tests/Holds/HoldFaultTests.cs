using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Events;
using LlmObserve.Api.Holds;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LlmObserve.Api.Tests.Holds;

public sealed class HoldFaultTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Check_ManyFaults_NamesThemAll()
    {
        using var person = await app.SignUpAsync();

        var problem = await TestHolds.PostAsync(
            person.Sdk,
            """
            {"provider":7,"model":"a\u0000b","customer_id":"\ud800","agent":[],"endpoint":{},"span_type":true,"is_streaming":"no","ttl_seconds":3601,
            "clamp":1,"dry_run":"yes","estimate":{"input_tokens":-1,"min_output_tokens":1.5,"cost_usd":"1",
            "usage":{"input_tokens":1,"cache_read_tokens":2,"seconds":"x"}}}
            """,
            status: 422);

        Assert.Equal(
            [
                ("provider", "malformed"), ("model", "bad-character"), ("customer_id", "bad-character"), ("agent", "malformed"),
                ("endpoint", "malformed"), ("span_type", "malformed"), ("is_streaming", "malformed"), ("ttl_seconds", "out-of-range"),
                ("clamp", "malformed"), ("dry_run", "malformed"), ("estimate.input_tokens", "out-of-range"),
                ("estimate.min_output_tokens", "malformed"), ("estimate.cost_usd", "malformed"), ("estimate.usage.seconds", "malformed"),
                ("estimate.max_output_tokens", "required"), ("estimate.usage", "conflict"),
            ],
            problem.Faults());
        Assert.All(problem.GetProperty("errors").EnumerateArray(), fault => Assert.StartsWith(fault.Text("path"), fault.Text("detail"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", "estimate required")]
    [InlineData("""{"estimate":null}""", "estimate required")]
    [InlineData("""{"estimate":7}""", "estimate malformed")]
    [InlineData("""{"estimate":{"input_tokens":1}}""", "estimate.max_output_tokens required")]
    [InlineData("""{"estimate":{"max_output_tokens":1}}""", "estimate.input_tokens required")]
    [InlineData("""{"estimate":{"min_output_tokens":1}}""", "estimate.input_tokens required|estimate.max_output_tokens required")]
    [InlineData("""{"estimate":{"input_tokens":1,"max_output_tokens":1,"min_output_tokens":2}}""", "estimate.min_output_tokens out-of-range")]
    [InlineData("""{"estimate":{"input_tokens":1,"max_output_tokens":1,"usage":{}}}""", "estimate.usage conflict")]
    [InlineData("""{"estimate":{"usage":{"output_tokens":1,"reasoning_tokens":2}}}""", "estimate.usage.output_tokens conflict")]
    [InlineData("""{"estimate":{"usage":[]}}""", "estimate.usage malformed")]
    [InlineData("""{"estimate":{"input_tokens":1000000001,"max_output_tokens":1}}""", "estimate.input_tokens out-of-range")]
    [InlineData("""{"estimate":{"cost_usd":100000.000000001}}""", "estimate.cost_usd out-of-range")]
    [InlineData("""{"estimate":{"cost_usd":-1}}""", "estimate.cost_usd out-of-range")]
    [InlineData("""{"estimate":{"cost_usd":1e999999}}""", "estimate.cost_usd out-of-range")]
    [InlineData("""{"provider":"openai","model":"gpt-4o","estimate":{}}""", "estimate required")]
    [InlineData("""{"provider":"openai","model":"gpt-4o","estimate":{"input_tokens":0,"max_output_tokens":0}}""", "estimate required")]
    [InlineData("""{"provider":"openai","model":"gpt-4o","span_type":"tool","estimate":{"usage":{}}}""", "estimate required")]
    [InlineData("""{"provider":"openai","model":"o1-pro","estimate":{"input_tokens":1000000000,"max_output_tokens":1000000000}}""", "estimate out-of-range")]
    [InlineData("""{"ttl_seconds":0,"estimate":{"cost_usd":1}}""", "ttl_seconds out-of-range")]
    [InlineData("""{"ttl_seconds":1.5,"estimate":{"cost_usd":1}}""", "ttl_seconds malformed")]
    [InlineData("""{"ttl_seconds":"60","estimate":{"cost_usd":1}}""", "ttl_seconds malformed")]
    public async Task Check_Fault_IsNamed(string body, string faults)
    {
        using var person = await app.SignUpAsync();

        var problem = await TestHolds.PostAsync(person.Sdk, body, status: 422);

        Assert.Equal("invalid-request", problem.Text("code"));
        Assert.Equal(faults.Split('|'), problem.Faults().Select(fault => $"{fault.Path} {fault.Code}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"estimate":{"usage":{"a":{"b":{"c":{"d":{"e":{"f":{}}}}}}}}}""")]
    [InlineData("""{"estimate":{"cost_usd":1}""")]
    public async Task Check_NoJsonObject_IsRefused(string body)
    {
        using var person = await app.SignUpAsync();

        var problem = await TestHolds.PostAsync(person.Sdk, body, status: 400);

        Assert.Equal("malformed-body", problem.Text("code"));
    }

    [Theory]
    [InlineData("""{"\ud800\ud800\ud800":1,"estimate":{"\udc00\udc00\udc00":1,"cost_usd":1,"usage":{"\ud800":{},"\u0000":[[1]]}}}""")]
    [InlineData("""{"estimate":{"cost_usd":7,"cost_usd":1,"later":[{}]},"estimate_":[]}""")]
    [InlineData("""{"\u0065stimate":{"cost_us\u0064":1.00}}""")]
    public async Task Check_OddFields_AreIgnored(string body)
    {
        using var person = await app.SignUpAsync();

        var answer = await TestHolds.PostAsync(person.Sdk, body);

        Assert.Equal((true, "1"), (answer.IsAllowed(), answer.Raw("amount_usd")));
    }

    [Fact]
    public async Task Check_LongLabels_AreRefused()
    {
        using var person = await app.SignUpAsync();
        var longest = new string('x', EventLimits.MaxLabelLength + 1);

        var problem = await person.HoldAsync(TestHolds.Ask(
            new { provider = longest, model = longest, customer_id = longest, endpoint = longest, agent = new string('x', EventLimits.MaxSectionPathLength + 1), span_type = new string('x', EventLimits.MaxWordLength + 1) }), status: 422);

        Assert.Equal(
            ["provider", "model", "customer_id", "agent", "endpoint", "span_type"],
            problem.Faults().Where(fault => fault.Code == "too-long").Select(fault => fault.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("256")]
    public async Task Check_IdempotencyKeyThatIsNone_IsRefused(string key)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.HoldAsync(TestHolds.Ask(), key == "256" ? new string('k', 256) : key, 400);

        Assert.Equal("bad-header", problem.Text("code"));
        Assert.Equal([("Idempotency-Key", "malformed")], problem.Faults());
    }

    [Theory]
    [InlineData(new string[0], true)]
    [InlineData(new[] { "a" }, true)]
    [InlineData(new[] { "a b" }, true)]
    [InlineData(new[] { "clé" }, false)]
    [InlineData(new[] { "a", "b" }, false)]
    [InlineData(new[] { "a\u007f" }, false)]
    public void IdempotencyKey_Header_IsOnePrintableText(string[] values, bool good)
    {
        var (key, problem) = IdempotencyKey.Read(new HeaderDictionary { [IdempotencyKey.Header] = new StringValues(values) });

        Assert.Equal(good, problem is null);
        Assert.Equal(good && values.Length > 0 ? values[0] : null, key);
    }

    [Theory]
    [InlineData("POST", "/caps/check", "check")]
    [InlineData("GET", "/caps/holds", "read")]
    [InlineData("GET", "/caps/holds/x", "check")]
    [InlineData("DELETE", "/caps/holds/x", "check")]
    [InlineData("POST", "/caps/holds/x/extend", "check")]
    [InlineData("GET", "/caps/settings", "manage")]
    public async Task Routes_KeyWithoutTheScope_AreClosed(string method, string path, string scope)
    {
        using var person = await app.SignUpAsync();
        var others = new[] { "ingest", "check", "read", "manage" }.Where(each => each != scope);
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = others }).JsonAsync();
        using var client = app.With(made.Text("key"));
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(new { }) };

        var problem = await client.SendAsync(request).JsonAsync(403);

        Assert.Equal("missing-scope", problem.Text("code"));
        Assert.Contains(scope, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_KeyWithEveryScope_MayNotChangeThem()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = new[] { "ingest", "check", "read", "manage" } }).JsonAsync();
        using var client = app.With(made.Text("key"));

        Assert.Equal("session-needed", (await client.PatchAsJsonAsync("/caps/settings", new { unpriced_policy = "deny" }).JsonAsync(403)).Text("code"));
        Assert.Equal("allow", (await person.GetAsync("/caps/settings")).Text("unpriced_policy"));
    }
}
