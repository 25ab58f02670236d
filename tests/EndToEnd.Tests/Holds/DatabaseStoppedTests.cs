using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>PostgreSQL goes away under a server with holds out, and comes back.</summary>
public sealed class DatabaseStoppedTests
{
    private const int Minute = 60;

    [Fact]
    public async Task Crash_WithHoldsOut_GrantsWhatIsCoveredAndRefusesTheRestUntilBack()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(postgres.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        var cap = await client.CreateCapAsync("global", null, 1m);
        await client.RecordAsync(Harness.Events.Call("before"));
        var first = await client.GrantedAsync(Calls.Costing(0.1m, 10 * Minute));
        Assert.False(first.TryGetProperty("stale", out _));
        JsonObject[] call = [Calls.Event("call", first.HoldId(), Calls.ForLess)];

        await postgres.CrashAsync();
        AssertRefused(await client.PostEventsAsync(call));
        await Wait.UntilAsync(async () => IsStale(await client.CheckAsync()), () => $"the server to notice. {server.Log}");

        // A twentieth of the limit above what was held is covered.
        var covered = await client.GrantedAsync(Calls.Costing(0.03m, Minute));
        Assert.True(IsStale(covered));
        var released = await client.GrantedAsync(Calls.Costing(0.01m, Minute));
        AssertRefused(await client.AskAsync(Calls.Costing(0.5m, Minute)));
        AssertRefused(await client.AskAsync(Calls.Costing(0.01m, 20 * Minute)));
        Assert.True(IsStale(await client.HeldOffAsync(Calls.Costing(0.9m))));
        await client.AssertStandsAsync(cap, Calls.LessCost, held: 0.14m);
        Assert.Equal(3, (await client.GetAsync("caps/holds")).GetProperty("open").GetInt32());
        (await client.SendWithKeyAsync(HttpMethod.Delete, $"caps/holds/{released.HoldId()}")).Expect(HttpStatusCode.OK);
        AssertRefused(await client.PostEventsAsync(call));

        await postgres.RestartAsync();
        Answer? answer = null;
        await Wait.UntilAsync(
            async () => (answer = await client.AskAsync(Calls.Costing(0.5m, Minute))).Status != HttpStatusCode.ServiceUnavailable,
            () => $"a hold: {answer}. {server.Log}");

        var last = answer!.Expect(HttpStatusCode.OK);
        Assert.True(last.IsAllowed() && !IsStale(last), answer.Body);
        await client.AssertStandsAsync(cap, Calls.LessCost, held: 0.63m);
        await client.RecordAsync(call);
        await client.RecordAsync(Calls.Event("covered", covered.HoldId(), Calls.ForLess), Calls.Event("last", last.HoldId(), Calls.ForLess));
        await client.AssertStandsAsync(cap, 4 * Calls.LessCost, held: 0);
        await client.GrantedAsync(Calls.Costing(1 - (4 * Calls.LessCost)));
        await new LedgerRows(postgres.ConnectionString, client.Account).AssertCapsEqualSumAsync(client);
    }

    private static bool IsStale(JsonElement answer) => answer.TryGetProperty("stale", out var stale) && stale.GetBoolean();

    private static void AssertRefused(Answer answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, $"No Retry-After: {answer.Body}");
    }
}
