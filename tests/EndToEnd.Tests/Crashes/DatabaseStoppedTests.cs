using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Crashes;

/// <summary>PostgreSQL goes away under a running server, and comes back.</summary>
public sealed class DatabaseStoppedTests
{
    [Fact]
    public async Task Crash_UnderLoad_RefusesUntilBackAndLosesNothing()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(postgres.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        await ServerKilledTests.CreateCapsAsync(client);
        await using var load = EventLoad.Start(client);
        await load.AcknowledgeMoreAsync(20);

        await postgres.CrashAsync();
        var refusedBefore = load.Refused.Count;
        await Wait.UntilAsync(() => load.Refused.Count >= refusedBefore + 8, () => $"refusals. {server.Log}");
        var check = await client.CheckAsync("provider=openai&model=gpt-4o");
        var ready = await client.SendAsync(HttpMethod.Get, "health/ready");
        await postgres.RestartAsync();
        await load.AcknowledgeMoreAsync(20);
        await load.StopAsync();

        Assert.True(check.GetProperty("allowed").GetBoolean());
        Assert.True(check.GetProperty("stale").GetBoolean());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.All(load.Refused, AssertRefusal);
        var ledger = new LedgerRows(postgres.ConnectionString, client.Account);
        var ids = await ledger.IdsAsync();
        Assert.Empty(load.AcknowledgedIds.Except(ids));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        await ledger.AssertCapsEqualSumAsync(client);
        Assert.False((await client.CheckAsync()).TryGetProperty("stale", out var stale) && stale.GetBoolean());
    }

    [Fact]
    public async Task Freeze_WhileEventsArrive_AnswersChecksAndLandsEventsAfterwards()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(postgres.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        await client.CreateCapAsync("global", null, 100);
        (await client.PostEventsAsync(Harness.Events.Batch("before", 10))).Expect(HttpStatusCode.Created);

        postgres.Freeze();
        Task<Answer> pending;
        try
        {
            pending = client.PostEventsAsync(Harness.Events.Batch("frozen", 10));
            for (var i = 0; i < 20; i++)
            {
                Assert.True((await client.CheckAsync("provider=openai&model=gpt-4o")).GetProperty("allowed").GetBoolean());
            }

            Assert.False(pending.IsCompleted);
        }
        finally
        {
            postgres.Thaw();
        }

        (await pending).Expect(HttpStatusCode.Created);
        var ledger = new LedgerRows(postgres.ConnectionString, client.Account);
        await ledger.AssertIdsAsync(Harness.Events.Batch("before", 10).Concat(Harness.Events.Batch("frozen", 10)).Select(call => (string)call["id"]!));
        await ledger.AssertCapsEqualSumAsync(client);
    }

    private static void AssertRefusal(Answer answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, $"No Retry-After: {answer.Body}");
        Assert.False(string.IsNullOrEmpty(answer.Json.GetProperty("detail").GetString()));
    }
}
