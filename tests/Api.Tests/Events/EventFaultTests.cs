using System.Text;
using LlmObserve.Api.Events;

namespace LlmObserve.Api.Tests.Events;

public sealed class EventFaultTests
{
    [Fact]
    public async Task Read_EverythingWrong_NamesEveryFault()
    {
        var result = await EventBodies.ReadAsync(
            """
            [{"id":7,"run_id":"","span_id":["s"],"section":"a\u0000b","span_type":"\ud800","provider":null,"input_tokens":-1,
            "output_tokens":1e30,"cached_tokens":1.5,"cost_usd":-0.01,"latency_ms":"fast","is_streaming":1,"stream_cancelled":"no",
            "event_metadata":[],"audio_duration_seconds":-2,"occurred_at":"yesterday","usage":{"input_tokens":"x","seconds":-1,"gb":true},
            "status":{"a":1},"customer_id":false}]
            """);

        Assert.Equal(
            [
                "[0].id malformed", "[0].run_id required", "[0].span_id malformed", "[0].section bad-character", "[0].span_type bad-character",
                "[0].input_tokens not-positive", "[0].output_tokens out-of-range", "[0].cached_tokens malformed", "[0].cost_usd not-positive",
                "[0].latency_ms malformed", "[0].is_streaming malformed", "[0].stream_cancelled malformed", "[0].event_metadata malformed",
                "[0].audio_duration_seconds not-positive", "[0].occurred_at malformed", "[0].usage.input_tokens malformed",
                "[0].usage.seconds not-positive", "[0].usage.gb malformed", "[0].status malformed", "[0].customer_id malformed",
                "[0].provider required", "[0].endpoint required",
            ],
            result.Faults);
        Assert.Empty(result.Events);
        Assert.All(result.Rejected.SelectMany(rejected => rejected.Errors), fault => Assert.EndsWith(".", fault.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"id\":\"{0}\"", 200, "[0].id too-long")]
    [InlineData("\"customer_id\":\"{0}\"", 256, "[0].customer_id too-long")]
    [InlineData("\"section_path\":\"{0}\"", 1000, "[0].section_path too-long")]
    [InlineData("\"span_type\":\"{0}\"", 64, "[0].span_type too-long")]
    public async Task Read_TextOfTheLimitAndOneMore_AcceptsAndRefuses(string field, int limit, string fault)
    {
        foreach (var letter in new[] { "x", "é", "\\u0041" })
        {
            var fits = string.Format(field, string.Concat(Enumerable.Repeat(letter, limit)));
            var tooLong = string.Format(field, string.Concat(Enumerable.Repeat(letter, limit + 1)));

            Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", fits)}]")).Events);
            Assert.Equal([fault], (await EventBodies.ReadAsync($"[{EventBodies.Event("a", tooLong)}]")).Faults);
        }
    }

    [Theory]
    [InlineData("\"input_tokens\":1000000000", null)]
    [InlineData("\"input_tokens\":1000000001", "[0].input_tokens out-of-range")]
    [InlineData("\"input_tokens\":99999999999999999999999999999999999999", "[0].input_tokens out-of-range")]
    [InlineData("\"input_tokens\":-1e400", "[0].input_tokens not-positive")]
    [InlineData("\"cost_usd\":100000", null)]
    [InlineData("\"cost_usd\":100000.000000001", "[0].cost_usd out-of-range")]
    [InlineData("\"cost_usd\":1e400", "[0].cost_usd out-of-range")]
    [InlineData("\"cost_usd\":-1e400", "[0].cost_usd not-positive")]
    [InlineData("\"cost_usd\":\"0.5\"", "[0].cost_usd malformed")]
    [InlineData("\"latency_ms\":604800001", "[0].latency_ms out-of-range")]
    [InlineData("\"model\":\"o1-pro\",\"output_tokens\":1000000000", "[0] out-of-range")]
    [InlineData("\"occurred_at\":\"2026-02-22T09:29:59Z\"", "[0].occurred_at out-of-range")]
    [InlineData("\"occurred_at\":\"2026-03-01T09:35:01Z\"", "[0].occurred_at out-of-range")]
    [InlineData("\"occurred_at\":\"2026-03-01T09:30:00\"", "[0].occurred_at malformed")]
    [InlineData("\"occurred_at\":\"2026-03-01\"", "[0].occurred_at malformed")]
    [InlineData("\"occurred_at\":\"\\ud800-03-01T09:30:00Z\"", "[0].occurred_at malformed")]
    [InlineData("\"usage\":{\"input_tokens\":10,\"cache_read_tokens\":6,\"cache_write_5m_tokens\":5}", "[0].usage.input_tokens conflict")]
    [InlineData("\"usage\":{\"output_tokens\":10,\"reasoning_tokens\":11}", "[0].usage.output_tokens conflict")]
    [InlineData("\"usage\":[]", "[0].usage malformed")]
    [InlineData("\"model\":\"a\\nb\"", "[0].model bad-character")]
    [InlineData("\"customer_id\":\"\u007f\"", "[0].customer_id bad-character")]
    [InlineData("\"customer_id\":\"\\ud83d\"", "[0].customer_id bad-character")]
    [InlineData("\"customer_id\":\"\\ude00\\ud83d\"", "[0].customer_id bad-character")]
    [InlineData("\"unknown\\ud800\":\"\\ud800\"", null)]
    [InlineData("\"event_metadata\":{\"\\ud800\":1}", null)]
    public async Task Read_ValueAtItsEdge_IsAcceptedOrNamed(string field, string? fault)
    {
        var result = await EventBodies.ReadAsync($"[{EventBodies.Event("a", field)}]");

        Assert.Null(result.Problem);
        Assert.Equal(fault is null ? [] : [fault], result.Faults);
        Assert.Equal(fault is null ? 1 : 0, result.Events.Count);
    }

    [Fact]
    public async Task Read_Metadata_UpToItsLimit()
    {
        var fits = $"\"event_metadata\":{{\"a\":\"{new string('x', EventLimits.MaxMetadataBytes - 8)}\"}}";
        var tooLong = $"\"event_metadata\":{{\"a\":\"{new string('x', EventLimits.MaxMetadataBytes - 7)}\"}}";

        Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", fits)}]")).Events);
        Assert.Equal(["[0].event_metadata too-long"], (await EventBodies.ReadAsync($"[{EventBodies.Event("a", tooLong)}]")).Faults);
    }

    [Theory]
    [InlineData("customer_id", "[0].customer_id bad-character")]
    [InlineData("nobody_reads_this", "[0] bad-character")]
    [InlineData("event_metadata", "[0].event_metadata bad-character")]
    public async Task Read_InvalidUtf8_IsNamed(string field, string fault)
    {
        var body = Encoding.Latin1.GetBytes(
            $"[{EventBodies.Event("a", field == "event_metadata" ? "\"event_metadata\":{\"a\":\"é\"}" : $"\"{field}\":\"é\"")}]");

        Assert.Equal([fault], (await EventBodies.ReadAsync(new MemoryStream(body))).Faults);
    }

    [Fact]
    public async Task Read_BadEventsAmongGoodOnes_BlockNothing()
    {
        var result = await EventBodies.ReadAsync($$"""[{{EventBodies.Event("a")}},{"id":"b"},7,"x",null,[[]],{{EventBodies.Event("c")}},true]""");

        Assert.Null(result.Problem);
        Assert.Equal(["a", "c"], result.Events.Select(read => read.Id));
        Assert.Equal([1, 2, 3, 4, 5, 7], result.Rejected.Select(rejected => (int)rejected.Index));
        Assert.Equal("b", result.Rejected[0].Id);
    }

    [Fact]
    public async Task Read_MegabyteId_IsNamedAndNotEchoed()
    {
        var result = await EventBodies.ReadAsync($"[{EventBodies.Event(new string('x', 1_000_000))},{EventBodies.Event("b")}]");

        Assert.Equal(["[0].id too-long"], result.Faults);
        Assert.Equal(["b"], result.Events.Select(read => read.Id));
        Assert.Null(result.Rejected[0].Id);
        Assert.True(result.Rejected[0].Errors[0].Detail.Length < 200);
    }

    [Fact]
    public async Task Read_EventBeyondAllSize_IsPassedOver()
    {
        var result = await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", $"\"x\":\"{new string('\\', 2 * EventLimits.MaxEventBytes)}\"")},{EventBodies.Event("b")}]");

        Assert.Equal(["[0] too-long"], result.Faults);
        Assert.Equal(["b"], result.Events.Select(read => read.Id));
    }

    [Fact]
    public async Task Read_VeryManyBadEvents_CountsThemAndListsSome()
    {
        var result = await EventBodies.ReadAsync($"[{string.Join(',', Enumerable.Repeat("1", 100_000))}]");

        Assert.Equal(100_000, result.RejectedCount);
        Assert.Equal(EventLimits.MaxListedFaults, result.Rejected.Count);
    }
}
