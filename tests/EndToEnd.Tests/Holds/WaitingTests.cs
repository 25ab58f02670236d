using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>Callers that calls in flight keep out get in when those are done.</summary>
public sealed class WaitingTests(RunningServer running) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task HeldOff_WaitsAsLongAsItIsTold_GetsInOnceOthersHaveSettled()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("customer", Calls.Customer, 0.1m);
        var inFlight = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GrantedAsync(Calls.Costing(Calls.Cent))));
        using var waiting = await Crowd.ConnectAsync(client, running.Server, 3);
        var (_, denied) = await waiting.AskAsync(_ => Calls.Costing(Calls.Cent));
        Assert.Equal(3, denied.Count);
        Assert.All(denied, answer => answer.AssertHeldOff());

        // Five calls that cost 0.0325 less than was held for them.
        await Task.WhenAll(
            client.RecordAsync([.. inFlight.Take(5).Select((hold, i) => Calls.Event($"call-{i}", hold.HoldId(), Calls.ForLess))]),
            Task.Delay(denied.Max(answer => answer.RetryAfter()), TimeProvider.System));

        var (allowed, _) = await waiting.AskAsync(_ => Calls.Costing(Calls.Cent));
        Assert.Equal(3, allowed.Count);
        await client.AssertStandsAsync(cap, 5 * Calls.LessCost, held: 8 * Calls.Cent);
    }

    [Fact]
    public async Task MaxHoldShare_LargeCallsOverAndOver_NeverKeepSmallOnesOut()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("global", null, 1m);
        using var large = await Crowd.ConnectAsync(client, running.Server, 5);
        using var small = await Crowd.ConnectAsync(client, running.Server, 10);

        // One that allows for the longest answer takes all there is.
        var all = await client.GrantedAsync(Large());
        Assert.Equal((true, 1m), (all.GetProperty("clamped").GetBoolean(), all.Amount()));
        Assert.All((await small.AskAsync(_ => Calls.Costing(Calls.Cent))).Denied, answer => answer.AssertHeldOff());
        await client.RecordAsync(Calls.Event("first", all.HoldId(), Calls.ForACent));

        // No more than a tenth each: then five have half of it at most, and the small ones find room whenever they come.
        (await client.SendAsync(HttpMethod.Patch, "caps/settings", new JsonObject { ["max_hold_share"] = 0.1m })).Expect(HttpStatusCode.OK);
        var denied = (await client.AskAsync(Calls.Costing(0.100_000_001m))).Expect(HttpStatusCode.OK);
        Assert.Equal("hold_share", denied.Reason());
        Assert.False(denied.TryGetProperty("retry_after_ms", out _), denied.GetRawText());
        var largeCalls = large.AllAsync((caller, number) => CallAsync(caller, $"large-{number}", Large(), 0.1m, times: 20));
        var smallCalls = small.AllAsync((caller, number) => CallAsync(caller, $"small-{number}", Calls.Costing(Calls.Cent), Calls.Cent, times: 5));

        // Each got in at its first try, every time.
        var calls = (await largeCalls).Sum() + (await smallCalls).Sum();
        Assert.Equal(150, calls);
        await client.AssertStandsAsync(cap, Calls.Cent + (calls * Calls.LittleCost), held: 0);
    }

    private static JsonObject Large() => Calls.Using(1000, 1_000_000, clamp: true);

    /// <summary>Holds, calls and settles, over and over.</summary>
    private static async Task<int> CallAsync(ApiClient caller, string name, JsonObject ask, decimal amount, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var hold = await caller.GrantedAsync(ask);
            Assert.Equal(amount, hold.Amount());
            await caller.RecordAsync(Calls.Event($"{name}-{time}", hold.HoldId(), Calls.ForLittle));
        }

        return times;
    }
}
