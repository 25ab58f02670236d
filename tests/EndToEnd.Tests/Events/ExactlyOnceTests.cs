using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Events;

/// <summary>The same events again and again, one after another and all at once.</summary>
public sealed class ExactlyOnceTests(RunningServer running) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task PostEvents_SameBatchThreeTimes_CountsOnce()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        await client.CreateCapAsync("global", null, 100);
        var batch = Harness.Events.Batch("again", 60);

        var first = (await client.PostEventsAsync(batch)).Expect(HttpStatusCode.Created);
        var afterFirst = await client.GetAsync("stats/overview?hours=24");
        var second = (await client.PostEventsAsync(batch)).Expect(HttpStatusCode.Created);
        var third = (await client.PostEventsAsync([.. batch, .. batch])).Expect(HttpStatusCode.Created);
        var afterThird = await client.GetAsync("stats/overview?hours=24");

        Assert.Equal((60, 0), Counts(first));
        Assert.Equal((0, 60), Counts(second));
        Assert.Equal((0, 120), Counts(third));
        Assert.Equal("success", third.GetProperty("status").GetString());
        Assert.Equal(60, afterThird.GetProperty("call_count").GetInt64());
        Assert.True(afterFirst.GetProperty("total_cost").GetDecimal() > 0);
        Assert.Equal(afterFirst.GetProperty("total_cost").GetDecimal(), afterThird.GetProperty("total_cost").GetDecimal());
        var ledger = new LedgerRows(running.Folder.ConnectionString(), client.Account);
        await ledger.AssertIdsAsync(batch.Select(Id));
        await ledger.AssertCapsEqualSumAsync(client);
    }

    [Fact]
    public async Task PostEvents_TwentyClientsWithOverlappingBatches_CountsOnce()
    {
        const int Clients = 20;
        const int Size = 120;
        const int Step = 10;
        using var client = await ApiClient.SignUpAsync(running.Server);
        await client.CreateCapAsync("global", null, 100);
        await client.CreateCapAsync("customer", "acme", 100, "daily");
        var all = Harness.Events.Batch("shared", ((Clients - 1) * Step) + Size);

        // Each sends a window that is mostly its neighbours' too, in two halves, from both ends at once.
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).SelectMany(i => new[]
        {
            client.PostEventsAsync(all.Skip(i * Step).Take(Size)),
            client.PostEventsAsync(all.Skip(i * Step).Take(Size / 2).Reverse()),
        }));

        var counts = answers.Select(answer => Counts(answer.Expect(HttpStatusCode.Created))).ToList();
        Assert.Equal(all.Length, counts.Sum(count => count.Created));
        Assert.Equal(Clients * Size * 3 / 2, counts.Sum(count => count.Created + count.Skipped));
        var ledger = new LedgerRows(running.Folder.ConnectionString(), client.Account);
        await ledger.AssertIdsAsync(all.Select(Id));
        await ledger.AssertCapsEqualSumAsync(client);
    }

    private static string Id(JsonObject call) => (string)call["id"]!;

    private static (int Created, int Skipped) Counts(JsonElement answer) =>
        (answer.GetProperty("created").GetInt32(), answer.GetProperty("skipped").GetInt32());
}
