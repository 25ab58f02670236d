using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Tests.Events;

public sealed class EventReaderTests
{
    // Exactly what the npm client 0.2.0 builds for an answer of a provider.
    private const string NpmEvent =
        """
        [{"id":"0b7c1c1e-6a53-4a2e-8a55-0f7d1c1f7a11","run_id":"6f0a","span_id":"77aa","parent_span_id":null,"section":"agent:Researcher",
        "section_path":"agent:Researcher","span_type":"llm","provider":"openai","endpoint":"chat","model":"gpt-4o-2024-08-06",
        "tenant_id":"default_tenant","customer_id":"acme","input_tokens":1000,"output_tokens":200,"cached_tokens":0,
        "cost_usd":0.0045000000000000005,"latency_ms":731,"status":"ok","is_streaming":false,"stream_cancelled":false,
        "event_metadata":null,"semantic_label":null}]
        """;

    [Fact]
    public async Task Read_EventOfNpmClient_IsNormalisedAndPriced()
    {
        var result = await EventBodies.ReadAsync(NpmEvent);

        Assert.Null(result.Problem);
        Assert.Empty(result.Faults);
        var read = Assert.Single(result.Events);
        Assert.Equal("0b7c1c1e-6a53-4a2e-8a55-0f7d1c1f7a11", read.Id);
        Assert.Equal("researcher", read.Agent);
        Assert.Equal("gpt-4o", read.Model);
        Assert.Equal("gpt-4o-2024-08-06", read.ModelRaw);
        Assert.Equal("acme", read.CustomerId);
        Assert.Equal(SpanKind.Llm, read.Kind);
        Assert.Equal(1000, read.InputTokens);
        Assert.Equal(200, read.OutputTokens);
        Assert.Equal(731, read.LatencyMs);
        Assert.Null(read.ParentSpanId);
        Assert.Null(read.MetadataJson);
        Assert.False(read.IsError);
        Assert.False(read.Unpriced);

        // 1,000 × 2.50 + 200 × 10.00 dollars a million.
        Assert.Equal(Usd.Parse("0.0045"), read.Cost);
        Assert.Equal(Usd.Parse("0.0045"), read.ClientCost);
        Assert.Equal(EventBodies.ReceivedAt, read.OccurredAt);
        Assert.Equal(EventBodies.ReceivedAt, read.ReceivedAt);
    }

    [Fact]
    public async Task Read_OnlyRequiredFields_TakesDefaults()
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", """ "customer_id":"" """)}]")).Events);

        Assert.Equal("default", read.SectionPath);
        Assert.Equal("default", read.Agent);
        Assert.Equal("ok", read.Status);
        Assert.Equal("", read.Model);
        Assert.Null(read.ModelRaw);
        Assert.Equal("", read.CustomerId);
        Assert.Equal(1m, read.Discount);
    }

    [Fact]
    public async Task Read_FlatTokens_KeepCachedApart()
    {
        var read = Assert.Single((await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", """ "model":"gpt-4o","input_tokens":100,"cached_tokens":900,"output_tokens":0 """)}]")).Events);

        Assert.Equal(100, read.InputTokens);
        Assert.Equal(900, read.CachedTokens);

        // 100 × 2.50 + 900 × 1.25 dollars a million.
        Assert.Equal(Usd.Parse("0.001375"), read.Cost);
    }

    [Fact]
    public async Task Read_Usage_WinsOverFlatTokens()
    {
        var read = Assert.Single((await EventBodies.ReadAsync($$"""
            [{{EventBodies.Event("a", """
                "model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":7,"output_tokens":7,"cached_tokens":7,
                "usage":{"input_tokens":1000,"cache_read_tokens":300,"cache_write_5m_tokens":200,"cache_write_1h_tokens":100,
                "output_tokens":50,"reasoning_tokens":20,"seconds":1.5,"later_kind":"ignored","images":null}
                """)}}]
            """)).Events);

        Assert.Equal(400, read.InputTokens);
        Assert.Equal(300, read.CachedTokens);
        Assert.Equal(300, read.CacheWriteTokens);
        Assert.Equal(50, read.OutputTokens);
        Assert.Equal(20, read.ReasoningTokens);
        Assert.Equal(
            """{"input_tokens":1000,"output_tokens":50,"cache_read_tokens":300,"cache_write_5m_tokens":200,"cache_write_1h_tokens":100,"reasoning_tokens":20,"seconds":1.5}""",
            read.UsageJson);
    }

    [Fact]
    public async Task Read_UnknownModel_KeepsClientCostAndFlagsIt()
    {
        var read = Assert.Single((await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", """ "model":"no-such-model","input_tokens":10,"cost_usd":1.5e-7 """)}]", discount: 0.5m)).Events);

        Assert.True(read.Unpriced);
        Assert.Equal(new Usd(150), read.Cost);
        Assert.Equal("no-such-model", read.Model);

        // The discount scales what the book computes, never the client's own figure.
        Assert.Equal(1m, read.Discount);
    }

    [Fact]
    public async Task Read_WithDiscount_ScalesTheComputedCost()
    {
        var read = Assert.Single((await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", """ "model":"gpt-4o","input_tokens":1000 """)}]", discount: 0.5m)).Events);

        Assert.Equal(Usd.Parse("0.00125"), read.Cost);
        Assert.Equal(0.5m, read.Discount);
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData("12.0", 12)]
    [InlineData("1.2e1", 12)]
    [InlineData("120E-1", 12)]
    [InlineData("-0", 0)]
    [InlineData("1e-0", 1)]
    [InlineData("null", 0)]
    public async Task Read_WholeNumberInAnyForm_IsRead(string number, long expected)
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", $"\"output_tokens\":{number}")}]")).Events);

        Assert.Equal(expected, read.OutputTokens);
    }

    [Theory]
    [InlineData("0.4", 0)]
    [InlineData("0.5", 0)]
    [InlineData("1.5", 2)]
    [InlineData("1234.56789", 1235)]
    [InlineData("1e-400", 0)]
    public async Task Read_Latency_IsRoundedHalfToEven(string number, int expected)
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", $"\"latency_ms\":{number}")}]")).Events);

        Assert.Equal(expected, read.LatencyMs);
    }

    [Theory]
    [InlineData("0.008754999999999999", 8_755_000)]
    [InlineData("0.0000000005", 0)]
    [InlineData("0.0000000015", 2)]
    [InlineData("1.5e-7", 150)]
    [InlineData("1e-999999", 0)]
    [InlineData("99999.999999999", 99_999_999_999_999)]
    public async Task Read_ClientCost_IsRoundedOnceHalfToEven(string number, long nanos)
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", $"\"cost_usd\":{number}")}]")).Events);

        Assert.Equal(new Usd(nanos), read.ClientCost);
    }

    [Theory]
    [InlineData("429", true)]
    [InlineData("500", true)]
    [InlineData("599", true)]
    [InlineData("\"503\"", true)]
    [InlineData("200", false)]
    [InlineData("600", false)]
    [InlineData("499", false)]
    [InlineData("null", false)]
    [InlineData("{\"http_status\":500}", false)]
    public async Task Read_StatusThatIsNotCharged_IsFiltered(string status, bool filtered)
    {
        var result = await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", $$""" "event_metadata":{"deep":{"http_status":500},"http_status":{{status}},"x":[1]} """)}]");

        Assert.Equal(filtered ? 1 : 0, result.Filtered);
        Assert.Equal(filtered ? 0 : 1, result.Events.Count);
    }

    [Fact]
    public async Task Read_FilteredButBadEvent_IsRejected()
    {
        var result = await EventBodies.ReadAsync("""[{"id":"a","event_metadata":{"http_status":500}}]""");

        Assert.Equal(0, result.Filtered);
        Assert.Equal(1, result.RejectedCount);
    }

    [Fact]
    public async Task Read_EscapesAndOtherScripts_AreDecoded()
    {
        var read = Assert.Single((await EventBodies.ReadAsync(
            """[{"id":"\u0061\/\"b","run_id":"ラン","span_id":"s","\u0073ection":"agent:Zo\u00eb \ud83d\ude00","span_type":"llm","provider":"openai","endpoint":"chat"}]""")).Events);

        Assert.Equal("a/\"b", read.Id);
        Assert.Equal("ラン", read.RunId);
        Assert.Equal("agent:Zoë 😀", read.Section);
        Assert.Equal("zoë 😀", read.Agent);
    }

    [Fact]
    public async Task Read_Metadata_IsKeptAsSentButForBrokenEscapes()
    {
        var read = Assert.Single((await EventBodies.ReadAsync(
            $"[{EventBodies.Event("a", """ "event_metadata":{"m":"a\u0000b \ud800 \ud83d\ude00 \\u0000 \n","big":1e9999, "z" : [ ]} """)}]")).Events);

        Assert.Equal("""{"m":"a\ufffdb \ufffd \ud83d\ude00 \\u0000 \n","big":1e9999, "z" : [ ]}""", read.MetadataJson);
    }

    [Theory]
    [InlineData("2026-03-01T09:30:00Z", "2026-03-01T09:30:00")]
    [InlineData("2026-03-01T10:30:00.1234567+01:00", "2026-03-01T09:30:00.123456")]
    [InlineData("2026-02-22T09:30:00Z", "2026-02-22T09:30:00")]
    [InlineData("2026-03-01T09:35:00Z", "2026-03-01T09:35:00")]
    public async Task Read_OccurredAt_IsUtcToTheMicrosecond(string text, string expected)
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", $"\"occurred_at\":\"{text}\"")}]")).Events);

        Assert.Equal(DateTimeOffset.Parse(expected + "Z"), read.OccurredAt);
        Assert.Equal(TimeSpan.Zero, read.OccurredAt.Offset);
    }

    [Fact]
    public async Task Read_SameFieldTwice_TakesTheLast()
    {
        var read = Assert.Single((await EventBodies.ReadAsync($"[{EventBodies.Event("a", """ "id":"b" """)}]")).Events);

        Assert.Equal("b", read.Id);
    }
}
