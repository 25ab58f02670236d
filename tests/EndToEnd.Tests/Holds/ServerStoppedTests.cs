using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>The server is stopped in good order with holds out, and started again.</summary>
public sealed class ServerStoppedTests
{
    private const int Callers = 200;

    /// <summary>Whoever takes a hold over may have a clock that is ahead, so it lasts this much longer there; times have microseconds.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1) + TimeSpan.FromMicroseconds(1);

    [Fact]
    public async Task Stop_InAStorm_HandsEveryHoldOn()
    {
        await using var server = await RevivedServer.StartAsync();
        using var client = await ApiClient.SignUpAsync(server.Running);
        var cap = await client.CreateCapAsync("global", null, 1m);
        var told = new ConcurrentDictionary<int, JsonElement>();

        var asking = Task.WhenAll(Enumerable.Range(0, Callers).Select(number => AskUntilAnsweredAsync(server, client, number, told)));
        var some = Random.Shared.Next(1, Callers);
        await Wait.UntilAsync(() => told.Count >= some || asking.IsCompleted, () => $"{some} answers. {server.Running.Log}");
        await server.StopAsync();
        await asking;

        using var after = client.On(server.Running);
        var granted = told.Where(answer => answer.Value.IsAllowed()).ToDictionary();
        Assert.Equal(100, granted.Count);
        await after.AssertStandsAsync(cap, spent: 0, held: 1);
        var open = (await after.GetAsync("caps/holds?limit=200")).GetProperty("items").EnumerateArray().ToDictionary(hold => hold.HoldId());
        Assert.Equal(granted.Values.Select(answer => answer.HoldId()).Order(), open.Keys.Order());
        Assert.All(granted.Values, answer =>
            Assert.InRange(open[answer.HoldId()].ExpiresAt(), answer.ExpiresAt(), answer.ExpiresAt() + s_tolerance));

        // Under its key each still gets the hold that it has, and nobody else gets any.
        foreach (var (number, answer) in granted)
        {
            Assert.Equal(answer.HoldId(), (await after.GrantedAsync(Calls.Costing(Calls.Cent), Key(number))).HoldId());
        }

        await after.HeldOffAsync(Calls.Costing(Calls.Cent));
        await after.AssertStandsAsync(cap, spent: 0, held: 1);

        var recorded = await after.RecordAsync([.. open.Keys.Select(hold => Calls.Event(hold, hold, Calls.ForLess))]);
        Assert.False(recorded.TryGetProperty("holds", out _), recorded.GetRawText());
        await after.AssertStandsAsync(cap, 100 * Calls.LessCost, held: 0);
        await after.GrantedAsync(Calls.Costing(1 - (100 * Calls.LessCost)));
    }

    private static async Task AskUntilAnsweredAsync(RevivedServer server, ApiClient client, int number, ConcurrentDictionary<int, JsonElement> told)
    {
        using var connection = new Connection(client, server.FindAsync);
        Answer? answer = null;
        await Wait.UntilAsync(
            async () =>
            {
                answer = await connection.TrySendAsync(caller => caller.AskAsync(Calls.Costing(Calls.Cent), Key(number)));
                return answer is { Status: not HttpStatusCode.ServiceUnavailable };
            },
            () => $"an answer: {answer}");
        told[number] = answer!.Expect(HttpStatusCode.OK);
    }

    private static string Key(int number) => $"call {number}";
}
