using System.Text.Json;

namespace LlmObserve.Api.Tests.Runs;

public sealed class RunsTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Get_Run_HasTotalsPartsAndTheTree()
    {
        using var person = await app.SignUpAsync();
        var now = TimeProvider.System.GetUtcNow();
        await person.SendAsync(
            TestEvents.Make("1", new { run_id = "r", span_id = "child", parent_span_id = "root", section = "tool:search", occurred_at = now.AddMinutes(-3), latency_ms = 100, customer_id = "acme" }),
            TestEvents.Make("3", new { run_id = "r", span_id = "root", section = "agent:writer", occurred_at = now.AddMinutes(-1), latency_ms = 300, model = "", input_tokens = 7, cached_tokens = 2 }),
            TestEvents.Make("9", new { run_id = "other" }));

        var run = await person.GetAsync("/runs/r");

        Assert.Equal(("r", "4", 2), (run.Text("run_id"), Raw(run, "total_cost"), run.Number("call_count")));
        Assert.Equal((7, 2, 2), (run.Number("input_tokens"), run.Number("cached_tokens"), run.Number("unpriced_count")));
        Assert.Equal(("200", 100, 300), (Raw(run, "avg_latency_ms"), run.Number("p50_ms"), run.Number("p95_ms")));
        Assert.Equal(["agent:writer", "tool:search"], run.GetProperty("by_section").EnumerateArray().Select(row => row.Text("section")));
        Assert.Equal(["75", "25"], run.GetProperty("by_section").EnumerateArray().Select(row => Raw(row, "percentage")));
        Assert.Equal(["nobodys-provider"], run.GetProperty("by_provider").EnumerateArray().Select(row => row.Text("provider")));
        Assert.Equal([null, "nobodys-model"], run.GetProperty("by_model").EnumerateArray().Select(row => row.GetProperty("model").GetString()));
        var root = Assert.Single(run.GetProperty("events").EnumerateArray());
        var child = Assert.Single(root.GetProperty("children").EnumerateArray());
        Assert.Equal(("root", "child", "acme"), (root.Text("span_id"), child.Text("span_id"), child.Text("customer_id")));
        Assert.False(run.GetProperty("truncated").GetBoolean() || run.GetProperty("events_truncated").GetBoolean());
        Assert.True(run.GetProperty("started_at").GetDateTimeOffset() < run.GetProperty("ended_at").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("a/b c?d&e=ü")]
    [InlineData("100%25")]
    [InlineData("%2F")]
    [InlineData("a/")]
    public async Task Get_OddRunId_IsFound(string runId)
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("1", new { run_id = runId }));

        var run = await person.GetAsync("/runs/" + Uri.EscapeDataString(runId));

        Assert.Equal(runId, run.Text("run_id"));
    }

    [Theory]
    [InlineData("no-such-run")]
    [InlineData("%01")]
    [InlineData("%2F")]
    [InlineData("%ED%A0%80")]
    public async Task Get_NoRun_IsNotFound(string path)
    {
        using var person = await app.SignUpAsync();

        Assert.Equal("not-found", (await person.GetAsync("/runs/" + path, 404)).Text("code"));
    }

    [Fact]
    public async Task Latest_PageByPage_GivesEveryRunOnceNewestFirst()
    {
        using var person = await app.SignUpAsync();
        var now = TimeProvider.System.GetUtcNow();
        await person.SendAsync([.. Enumerable.Range(0, 60).Select(i => TestEvents.Make("1", new
        {
            run_id = $"run-{i % 20}",
            occurred_at = now.AddMinutes(-i),
            customer_id = i % 2 == 0 ? "acme" : null,
        }))]);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"run-{i}"), await WalkAsync(person, "limit=7"));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"run-{i * 2}"), await WalkAsync(person, "limit=3&customer_id=acme"));
        Assert.Empty(await WalkAsync(person, "customer_id=nobody"));
        Assert.Equal([("limit", "out-of-range")], (await person.GetAsync("/runs/latest?limit=101", 422)).Faults());
        Assert.Equal([("cursor", "malformed")], (await person.GetAsync("/runs/latest?cursor=nonsense", 422)).Faults());
        var first = (await person.GetAsync("/runs/latest")).GetProperty("items")[0];
        Assert.Equal(("run-0", "3", 3), (first.Text("run_id"), Raw(first, "total_cost"), first.Number("call_count")));
    }

    private static async Task<List<string>> WalkAsync(TestPerson person, string query)
    {
        var walked = new List<string>();
        var cursor = "";
        do
        {
            var page = await person.GetAsync($"/runs/latest?{query}{cursor}");
            walked.AddRange(page.GetProperty("items").EnumerateArray().Select(run => run.Text("run_id")));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? "&cursor=" + next : "";
        }
        while (cursor.Length > 0);
        return walked;
    }

    private static string Raw(JsonElement element, string name) => element.GetProperty(name).GetRawText();
}
