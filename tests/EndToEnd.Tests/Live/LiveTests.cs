using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Live;

/// <summary>Streams of changes of the real server.</summary>
public sealed class LiveTests
{
    [Fact]
    public async Task Live_EventsOnTheRealServer_ArriveUntilItStops()
    {
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder);
        using var client = await ApiClient.SignUpAsync(server);
        using var stranger = await ApiClient.SignUpAsync(server, "stranger");
        using var stream = await client.LiveAsync();
        using var second = await client.LiveAsync();
        Assert.Equal("hello", (await stream.NextEventAsync())!.Name);
        Assert.Equal("hello", (await second.NextEventAsync())!.Name);

        (await stranger.PostEventsAsync(Harness.Events.Batch("theirs", 5))).Expect(HttpStatusCode.Created);
        (await client.PostEventsAsync(Harness.Events.Batch("first", 10))).Expect(HttpStatusCode.Created);
        var change = (await stream.NextEventAsync())!;
        (await client.PostEventsAsync(Harness.Events.Batch("second", 20))).Expect(HttpStatusCode.Created);
        var next = (await stream.NextEventAsync())!;

        Assert.Equal(("change", "10", "30"), (change.Name, change.Id, next.Id));
        Assert.Equal(30, next.Json.GetProperty("month").GetProperty("call_count").GetInt64());
        var overview = await client.GetAsync("stats/overview?hours=24");
        Assert.Equal(overview.GetProperty("total_cost").GetDecimal(), next.Json.GetProperty("month").GetProperty("total_cost").GetDecimal());

        // It waits for no reader: the streams end with it, and not the other way round.
        Assert.Equal(0, await server.StopAsync());
        Assert.Null(await stream.NextEventAsync());
    }
}
