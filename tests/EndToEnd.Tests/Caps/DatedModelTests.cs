using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Caps;

/// <summary>People cap <c>gpt-4o</c>; providers answer with the name of a release.</summary>
public sealed class DatedModelTests(RunningServer running) : IClassFixture<RunningServer>
{
    // 1,000 tokens in at 2.50 dollars a million and 100 out at 10: what Events.Call costs on any of the names.
    private const decimal CallCost = 0.0035m;

    [Fact]
    public async Task Cap_OnFamilyName_CountsAndDeniesDatedNames()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("model", "gpt-4o", 3 * CallCost);
        var mini = await client.CreateCapAsync("model", "gpt-4o-mini", 3 * CallCost);

        (await client.PostEventsAsync([Harness.Events.Call("1", "gpt-4o-2024-08-06"), Harness.Events.Call("2", "gpt-4o-2024-11-20")]))
            .Expect(HttpStatusCode.Created);
        var below = await client.CheckAsync("provider=openai&model=gpt-4o-2024-08-06");
        (await client.PostEventsAsync([Harness.Events.Call("3", "gpt-4o")])).Expect(HttpStatusCode.Created);

        Assert.True(below.GetProperty("allowed").GetBoolean());
        Assert.Equal(3 * CallCost, await SpendAsync(client, cap));
        Assert.Equal(0, await SpendAsync(client, mini));
        foreach (var name in (string[])["gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "GPT-4o"])
        {
            var denied = await client.CheckAsync($"provider=openai&model={name}");
            Assert.False(denied.GetProperty("allowed").GetBoolean(), name);
            Assert.Equal(cap, Assert.Single(denied.GetProperty("exceeded_caps").EnumerateArray().ToList()).GetProperty("cap_id").GetString());
        }

        Assert.True((await client.CheckAsync("provider=openai&model=gpt-4o-mini-2024-07-18")).GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task Cap_OnDatedName_CountsTheWholeFamily()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        (await client.PostEventsAsync([Harness.Events.Call("1", "gpt-4o-2024-11-20")])).Expect(HttpStatusCode.Created);

        var cap = await client.CreateCapAsync("model", "gpt-4o-2024-08-06", CallCost);

        Assert.Equal(CallCost, await SpendAsync(client, cap));
        Assert.False((await client.CheckAsync("provider=openai&model=gpt-4o")).GetProperty("allowed").GetBoolean());
    }

    private static async Task<decimal> SpendAsync(ApiClient client, string cap) =>
        (await client.GetAsync($"caps/{cap}")).GetProperty("current_spend").GetDecimal();
}
