using System.Net.Http.Json;
using System.Text.Json;

namespace LlmObserve.Api.Tests;

/// <summary>Nothing that one account names reaches another's data.</summary>
public sealed class IsolationTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task EveryRoute_WithIdsOfAnotherAccount_AnswersNotFoundOrNothing()
    {
        using var owner = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var cap = await owner.CreateCapAsync(
            new { cap_type = "customer", target_name = "secret-customer", limit_amount = 1, period = "daily", enforcement = "hard_block", alert_threshold = 0.5 });
        var path = "/caps/" + cap.Text("id");
        await owner.SendAsync(TestEvents.Make("2", new
        {
            id = "secret-event",
            run_id = "secret-run",
            customer_id = "secret-customer",
            model = "secret-model",
            section = "agent:secret-agent",
        }));
        var before = (await owner.GetAsync(path)).GetRawText();

        await other.GetAsync(path, 404);
        await other.Session.PatchAsJsonAsync(path, new { enabled = false }).JsonAsync(404);
        await other.Session.DeleteAsync(path).JsonAsync(404);
        await other.GetAsync("/runs/secret-run", 404);
        Assert.True((await other.CheckAsync("customer_id=secret-customer")).GetProperty("allowed").GetBoolean());
        string[] reads =
        [
            "/caps", "/caps/alerts", "/runs/latest", "/runs/latest?customer_id=secret-customer", "/stats/overview",
            "/stats/overview?customer_id=secret-customer&model=secret-model&agent=secret-agent", "/stats/by-provider", "/stats/by-model",
            "/stats/by-model?customer_id=secret-customer", "/stats/by-customer", "/stats/by-customer?customer_id=secret-customer", "/stats/by-agent",
            "/stats/periods", "/stats/periods?customer_id=secret-customer", "/stats/timeseries", "/stats/timeseries?group=customer",
            "/stats/timeseries?group=agent&customer_id=secret-customer", "/auth/me", "/api-keys",
        ];
        foreach (var read in reads)
        {
            var answer = await other.GetAsync(read);
            Assert.DoesNotContain("secret", answer.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(cap.Text("id"), answer.GetRawText(), StringComparison.Ordinal);
            Assert.False(HoldsCalls(answer), read);
        }

        Assert.Equal(before, (await owner.GetAsync(path)).GetRawText());
        Assert.False((await owner.CheckAsync("customer_id=secret-customer")).GetProperty("allowed").GetBoolean());
        foreach (var read in reads.Where(read => read.StartsWith("/stats", StringComparison.Ordinal) || read.StartsWith("/runs", StringComparison.Ordinal)))
        {
            Assert.True(HoldsCalls(await owner.GetAsync(read)), read);
        }
    }

    [Fact]
    public async Task SameNames_InTwoAccounts_AreCountedApart()
    {
        using var one = await app.SignUpAsync();
        using var two = await app.SignUpAsync();
        await one.SendAsync(TestEvents.Make("2", new { id = "same", run_id = "same", customer_id = "same" }));
        await two.SendAsync(TestEvents.Make("5", new { id = "same", run_id = "same", customer_id = "same" }));

        Assert.Equal("2", (await one.GetAsync("/runs/same")).GetProperty("total_cost").GetRawText());
        Assert.Equal("5", (await two.GetAsync("/runs/same")).GetProperty("total_cost").GetRawText());
        Assert.Equal("2", (await one.GetAsync("/stats/overview?customer_id=same")).GetProperty("total_cost").GetRawText());
        Assert.Equal("5", (await two.GetAsync("/stats/overview?customer_id=same")).GetProperty("total_cost").GetRawText());
    }

    private static bool HoldsCalls(JsonElement answer) => answer.ValueKind == JsonValueKind.Object
        && (answer.TryGetProperty("call_count", out var calls) ? calls.GetInt64() > 0
            : answer.TryGetProperty("month", out var month) ? HoldsCalls(month)
            : answer.TryGetProperty("series", out var series) ? series.EnumerateArray().Any(HoldsCalls)
            : answer.TryGetProperty("items", out var items) && items.GetArrayLength() > 0);
}
