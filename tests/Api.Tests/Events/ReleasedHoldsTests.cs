using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Api.Tests.Events;

public sealed class ReleasedHoldsTests
{
    [Fact]
    public async Task Read_ManyCallsThatWereNotCharged_ReleasesTheirHoldsInChunksAsLargeAsOthers()
    {
        var holds = Enumerable.Range(0, (2 * EventBatch.MaxEvents) + 1).Select(_ => HoldId.New()).ToList();
        var events = holds.Select((hold, i) => EventBodies.Event(
            $"{i}", $$"""{{(i % 3 == 0 ? "" : "\"event_metadata\":{\"http_status\":429},")}}"hold_id":"{{hold}}" """));

        var result = await EventBodies.ReadAsync($"[{string.Join(',', events)}]");

        Assert.Equal(holds.Where((_, i) => i % 3 != 0), result.Released);
        Assert.Equal(holds.Where((_, i) => i % 3 == 0).Select(hold => hold.ToString()), result.Events.Select(each => each.HoldId));
        Assert.Equal(result.Released.Count, result.Filtered);
        Assert.Equal(EventBatch.MaxEvents, result.LargestChunk);
    }
}
