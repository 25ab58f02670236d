using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;
using LlmObserve.EndToEnd.Tests.Holds;

namespace LlmObserve.EndToEnd.Tests.Clients;

/// <summary>The published npm package <c>llmobserve</c> 0.2.0, unchanged, in programs of its users.</summary>
public sealed class NpmClientTests(RunningServer running) : IClassFixture<RunningServer>
{
    // What the canned answers cost by the providers' price pages: 1,200 tokens in and 300 out of gpt-4o at 2.50 and 10 dollars a million,
    // the same of gpt-4.1 at 2 and 8, and 900 in and 200 out of Claude Sonnet 4.5 at 3 and 15. The client knows only the first price.
    private const decimal Gpt4oCost = 0.006m;
    private const decimal Gpt41Cost = 0.0048m;
    private const decimal ClaudeCost = 0.0057m;

    [Fact]
    public async Task PlainFetch_CannedAnswers_PricesAndShowsEachCall()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);

        await Programs.SucceedAsync(Programs.Node(running.Server, client.Account, "plain-fetch.mjs"));

        var customers = await ItemsAsync(client, "stats/by-customer?hours=24");
        Assert.Equal(Gpt4oCost + Gpt41Cost, Cost(customers, "customer_id", "acme"));
        Assert.Equal(ClaudeCost, Cost(customers, "customer_id", "globex"));
        var models = await ItemsAsync(client, "stats/by-model?hours=24");
        Assert.Equal(Gpt4oCost, Cost(models, "model", "gpt-4o"));
        Assert.Equal(Gpt41Cost, Cost(models, "model", "gpt-4.1"));
        Assert.Equal(ClaudeCost, Cost(models, "model", "claude-sonnet-4-5"));
        var providers = await ItemsAsync(client, "stats/by-provider?hours=24");
        Assert.Equal(["anthropic", "openai", "pinecone"], providers.Select(row => row.GetProperty("provider").GetString()).Order());

        var run = Assert.Single(await ItemsAsync(client, "runs/latest"));
        Assert.Equal(Gpt4oCost + Gpt41Cost + ClaudeCost, run.GetProperty("total_cost").GetDecimal());
        Assert.Equal(4, run.GetProperty("call_count").GetInt32());
        var detail = await client.GetAsync($"runs/{run.GetProperty("run_id").GetString()}");
        var events = detail.GetProperty("events").EnumerateArray().ToList();
        var first = events.Single(call => call.GetProperty("model_raw").GetString() == "gpt-4o-2024-08-06");
        Assert.Equal("gpt-4o", first.GetProperty("model").GetString());
        Assert.Equal("agent:researcher", first.GetProperty("section").GetString());
        Assert.Equal("acme", first.GetProperty("customer_id").GetString());
        Assert.Equal(1200, first.GetProperty("input_tokens").GetInt32());
        Assert.Equal(300, first.GetProperty("output_tokens").GetInt32());
        Assert.Equal(Gpt4oCost, first.GetProperty("cost_usd").GetDecimal());
        Assert.False(first.GetProperty("unpriced").GetBoolean());
        // This client says nothing of a vector query but that it happened: that is flagged, not shown as free.
        var query = events.Single(call => call.GetProperty("provider").GetString() == "pinecone");
        Assert.True(query.GetProperty("unpriced").GetBoolean());
    }

    [Fact]
    public async Task OpenAiClient_HardCap_DeniesNextCheck()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("customer", "acme", 3 * Gpt4oCost);
        const string Labels = "provider=openai&model=gpt-4o&customer_id=acme&agent=researcher";
        var before = await client.CheckAsync(Labels);

        await Programs.SucceedAsync(Programs.Node(running.Server, client.Account, "openai-client.mjs"));

        var after = await client.CheckAsync(Labels);
        Assert.True(before.GetProperty("allowed").GetBoolean());
        Assert.Empty(before.GetProperty("exceeded_caps").EnumerateArray());
        Assert.False(after.GetProperty("allowed").GetBoolean());
        var exceeded = Assert.Single(after.GetProperty("exceeded_caps").EnumerateArray().ToList());
        Assert.Equal(cap, exceeded.GetProperty("cap_id").GetString());
        Assert.Equal("customer", exceeded.GetProperty("cap_type").GetString());
        Assert.Equal("acme", exceeded.GetProperty("target_name").GetString());
        Assert.Equal(3 * Gpt4oCost, exceeded.GetProperty("limit").GetDecimal());
        Assert.Equal(3 * Gpt4oCost, exceeded.GetProperty("current").GetDecimal());
        Assert.Equal("monthly", exceeded.GetProperty("period").GetString());
        Assert.False(string.IsNullOrEmpty(after.GetProperty("message").GetString()));
        Assert.True((await client.CheckAsync("provider=openai&model=gpt-4o&customer_id=globex")).GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task OpenAiClient_OthersHold_SeesWhatIsLeft()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("customer", "acme", 0.1m);
        await client.GrantedAsync(Calls.Costing(0.09m));

        var some = await CheckedCallAsync(client, running.Server);
        await client.AssertStandsAsync(cap, Gpt4oCost, held: 0.09m);
        var rest = await client.GrantedAsync(Calls.Costing(0.01m - Gpt4oCost));
        var none = await CheckedCallAsync(client, running.Server);
        await client.AssertStandsAsync(cap, Gpt4oCost, held: 0.1m - Gpt4oCost);
        await client.RecordAsync(Calls.Event("call", rest.HoldId(), Calls.ForLess));
        var again = await CheckedCallAsync(client, running.Server);

        Assert.True(some.IsAllowed());
        none.AssertHeldOff();
        var full = Assert.Single(none.GetProperty("exceeded_caps").EnumerateArray().ToList());
        Assert.Equal(cap, full.GetProperty("cap_id").GetString());
        Assert.Equal(Gpt4oCost, full.GetProperty("current").GetDecimal());
        Assert.Equal(0.1m - Gpt4oCost, full.GetProperty("held").GetDecimal());
        Assert.Equal(0, full.GetProperty("headroom").GetDecimal());
        Assert.True(again.IsAllowed());
        var state = await client.CapAsync(cap);
        Assert.Equal((2 * Gpt4oCost) + Calls.LessCost, state.Spent());
        Assert.Equal(0, state.Remaining());
    }

    private static async Task<JsonElement> CheckedCallAsync(ApiClient client, ServerProcess server) =>
        JsonDocument.Parse(await Programs.SucceedAsync(Programs.Node(server, client.Account, "checked-call.mjs"))).RootElement;

    private static async Task<List<JsonElement>> ItemsAsync(ApiClient client, string path) =>
        [.. (await client.GetAsync(path)).GetProperty("items").EnumerateArray()];

    private static decimal Cost(List<JsonElement> rows, string name, string value) =>
        rows.Single(row => row.GetProperty(name).GetString() == value).GetProperty("total_cost").GetDecimal();
}
