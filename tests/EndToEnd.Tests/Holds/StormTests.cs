using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>More callers at once than a cap has room for.</summary>
public sealed class StormTests(RunningServer running) : IClassFixture<RunningServer>
{
    private const int Callers = 200;
    private const int BatchSize = 25;

    [Fact]
    public async Task OneCap_TwoHundredCallers_GrantsExactlyWhatFits()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var cap = await client.CreateCapAsync("global", null, 1m);
        using var crowd = await Crowd.ConnectAsync(client, running.Server, Callers);

        // A cent in words, and a cent in tokens.
        var (allowed, denied) = await crowd.AskAsync(
            number => number % 2 == 0 ? Calls.Costing(Calls.Cent) : Calls.Using(Calls.ForACent.Input, Calls.ForACent.Output));

        Assert.Equal((100, 100), (allowed.Count, denied.Count));
        Assert.All(allowed, answer => Assert.Equal(Calls.Cent, answer.Amount()));
        Assert.All(denied, answer => answer.AssertHeldOff());
        (await client.CheckAsync(Calls.Labels)).AssertHeldOff();
        await client.AssertStandsAsync(cap, spent: 0, held: 1);
        var open = await client.GetAsync("caps/holds?limit=200");
        Assert.Equal((100, 1m), (open.GetProperty("open").GetInt32(), open.GetProperty("held_usd").GetDecimal()));
        Assert.Equal(
            allowed.Select(answer => answer.HoldId()).Order(),
            open.GetProperty("items").EnumerateArray().Select(hold => hold.HoldId()).Order());

        // Half of the calls cost what was held for them, half cost less.
        var events = allowed.Select((answer, i) => Calls.Event($"call-{i}", answer.HoldId(), i % 2 == 0 ? Calls.ForACent : Calls.ForLess));
        foreach (var batch in events.Chunk(BatchSize))
        {
            Assert.False((await client.RecordAsync(batch)).TryGetProperty("holds", out var holds) && holds.GetArrayLength() > 0);
        }

        const decimal Spent = (50 * Calls.Cent) + (50 * Calls.LessCost);
        await client.AssertStandsAsync(cap, Spent, held: 0);
        Assert.True((await client.CheckAsync(Calls.Labels)).IsAllowed());
        (allowed, denied) = await crowd.AskAsync(_ => Calls.Costing(Calls.Cent));
        Assert.Equal((32, Callers - 32), (allowed.Count, denied.Count));
        Assert.All(denied, answer => answer.AssertHeldOff());
        await client.HeldOffAsync(Calls.Costing(0.005_000_001m));
        await client.GrantedAsync(Calls.Costing(0.005m));
        await client.AssertStandsAsync(cap, Spent, held: 1 - Spent);
        await new LedgerRows(running.Folder.ConnectionString(), client.Account).AssertCapsEqualSumAsync(client);
    }

    [Fact]
    public async Task FiveOverlappingCaps_TwoHundredCallers_GrantsWhatFitsUnderTheSmallest()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var (global, provider) = (await client.CreateCapAsync("global", null, 1m), await client.CreateCapAsync("provider", "openai", 0.7m, "daily"));
        var (agent, customer) = (await client.CreateCapAsync("agent", "writer", 0.6m, "weekly"), await client.CreateCapAsync("customer", "acme", 0.8m));
        var model = await client.CreateCapAsync("model", "gpt-4o", 0.5m);
        using var crowd = await Crowd.ConnectAsync(client, running.Server, Callers);

        var (allowed, denied) = await crowd.AskAsync(_ => Calls.Costing(Calls.Cent));

        Assert.Equal((50, 150), (allowed.Count, denied.Count));
        AssertDeniedBy(model, denied);
        foreach (var cap in (string[])[global, provider, agent, customer, model])
        {
            await client.AssertStandsAsync(cap, spent: 0, held: 0.5m);
        }

        // Another model is not under that cap: the next smallest bounds it, together with what is held already.
        (allowed, denied) = await crowd.AskAsync(_ =>
        {
            var ask = Calls.Costing(Calls.Cent);
            ask["model"] = "gpt-4o-mini";
            return ask;
        });

        Assert.Equal((10, 190), (allowed.Count, denied.Count));
        AssertDeniedBy(agent, denied);
        foreach (var cap in (string[])[global, provider, agent, customer])
        {
            await client.AssertStandsAsync(cap, spent: 0, held: 0.6m);
        }

        await client.AssertStandsAsync(model, spent: 0, held: 0.5m);
    }

    private static void AssertDeniedBy(string cap, List<JsonElement> denied) => Assert.All(denied, answer =>
    {
        answer.AssertHeldOff();
        Assert.Equal(cap, Assert.Single(answer.GetProperty("exceeded_caps").EnumerateArray().ToList()).GetProperty("cap_id").GetString());
    });
}
