using LlmObserve.Domain.Events;

namespace LlmObserve.Domain.Tests.Events;

public sealed class LabelTests
{
    [Theory]
    [InlineData("OpenAI", "openai")]
    [InlineData(" anthropic\t", "anthropic")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData(null, "")]
    public void Normalize_Provider_IsTrimmedAndLower(string? provider, string expected) =>
        Assert.Equal(expected, ProviderName.Normalize(provider));

    [Fact]
    public void Normalize_CanonicalProvider_IsTheSameString()
    {
        var provider = new string("azure-openai");
        Assert.Same(provider, ProviderName.Normalize(provider));
    }

    [Theory]
    [InlineData("llm", SpanKind.Llm)]
    [InlineData("LLM", SpanKind.Llm)]
    [InlineData("llm_call", SpanKind.Llm)]
    [InlineData("embedding_call", SpanKind.Llm)]
    [InlineData("vector_db", SpanKind.VectorDb)]
    [InlineData("vector_db_query", SpanKind.VectorDb)]
    [InlineData("Vector_DB.upsert", SpanKind.VectorDb)]
    [InlineData("http_fallback", SpanKind.Api)]
    [InlineData("api", SpanKind.Api)]
    [InlineData("api_call", SpanKind.Api)]
    [InlineData("stt_call", SpanKind.Api)]
    [InlineData("tts_call", SpanKind.Api)]
    [InlineData("platform_fee", SpanKind.Api)]
    [InlineData("section", SpanKind.Other)]
    [InlineData("agent", SpanKind.Other)]
    [InlineData("tool", SpanKind.Other)]
    [InlineData("other", SpanKind.Other)]
    [InlineData("tool_call", SpanKind.Other)]
    [InlineData("vector", SpanKind.Other)]
    [InlineData("", SpanKind.Other)]
    public void FromSpanType_Word_IsGrouped(string spanType, SpanKind expected) => Assert.Equal(expected, SpanKinds.FromSpanType(spanType));

    [Theory]
    [InlineData("ok", false)]
    [InlineData("OK ", false)]
    [InlineData("", false)]
    [InlineData("error", true)]
    [InlineData("cancelled", true)]
    [InlineData("timeout", true)]
    [InlineData("rate_limited", true)]
    [InlineData("okay", true)]
    public void IsError_Status_IsEverythingButOk(string status, bool expected) => Assert.Equal(expected, EventStatus.IsError(status));
}
