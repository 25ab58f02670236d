using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Crashes;

/// <summary>The server dies in the middle of a load.</summary>
public sealed class ServerKilledTests
{
    [Fact]
    public async Task Kill_UnderLoad_KeepsEveryAcknowledgedEventOnce()
    {
        await using var folder = ServerFolder.Create();
        await using var killed = await ServerProcess.StartAsync(folder);
        using var before = await ApiClient.SignUpAsync(killed);
        await CreateCapsAsync(before);
        await using var load = EventLoad.Start(before);
        await load.AcknowledgeMoreAsync(40);

        await killed.KillAsync();
        await load.StopAsync();
        var postgres = folder.PostgresProcess;
        await using var restarted = await ServerProcess.StartAsync(folder);

        Assert.NotNull(postgres);
        Assert.Equal(postgres, folder.PostgresProcess);
        using var after = before.On(restarted);
        var ledger = new LedgerRows(folder.ConnectionString(), before.Account);
        var ids = await ledger.IdsAsync();
        Assert.Empty(load.AcknowledgedIds.Except(ids));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Empty(load.Refused);
        await ledger.AssertCapsEqualSumAsync(after);

        // What the clients still hold is sent again, with all the rest.
        foreach (var batch in load.Sent.Chunk(1000))
        {
            var answer = (await after.PostEventsAsync(batch)).Expect(HttpStatusCode.Created);
            Assert.Equal(batch.Length, answer.GetProperty("created").GetInt32() + answer.GetProperty("skipped").GetInt32());
        }

        await ledger.AssertIdsAsync(load.Sent.Select(call => (string)call["id"]!));
        await ledger.AssertCapsEqualSumAsync(after);
    }

    internal static async Task CreateCapsAsync(ApiClient client)
    {
        await client.CreateCapAsync("global", null, 1000, "daily");
        await client.CreateCapAsync("provider", "openai", 1000, "weekly");
        await client.CreateCapAsync("model", "gpt-4o", 1000);
        await client.CreateCapAsync("agent", "writer", 1000, "monthly", "alert");
        await client.CreateCapAsync("customer", "globex", 1000);
    }
}
