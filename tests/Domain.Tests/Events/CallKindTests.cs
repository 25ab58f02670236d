using LlmObserve.Domain.Events;

namespace LlmObserve.Domain.Tests.Events;

public sealed class CallKindTests
{
    [Theory]
    [InlineData("query", CallKind.VectorDbRead)]
    [InlineData("QUERY", CallKind.VectorDbRead)]
    [InlineData("queries", CallKind.VectorDbRead)]
    [InlineData("index.query", CallKind.VectorDbRead)]
    [InlineData("fetch", CallKind.VectorDbRead)]
    [InlineData("POST /collections/docs/points/search", CallKind.VectorDbRead)]
    [InlineData("listCollections", CallKind.VectorDbRead)]
    [InlineData("hybridSearch", CallKind.VectorDbRead)]
    [InlineData("describe_index_stats", CallKind.VectorDbRead)]
    [InlineData("nearVector", CallKind.VectorDbRead)]
    [InlineData("upsert", CallKind.VectorDbWrite)]
    [InlineData("batch_upsert", CallKind.VectorDbWrite)]
    [InlineData("batchUpsert", CallKind.VectorDbWrite)]
    [InlineData("insertMany", CallKind.VectorDbWrite)]
    [InlineData("update", CallKind.VectorDbWrite)]
    [InlineData("delete", CallKind.VectorDbWrite)]
    [InlineData("delete_by_query", CallKind.VectorDbWrite)]
    [InlineData("query_and_delete", CallKind.VectorDbWrite)]
    [InlineData("get_or_create_collection", CallKind.VectorDbWrite)]
    [InlineData("PUT /collections/docs", CallKind.VectorDbWrite)]
    [InlineData("widget", CallKind.VectorDb)]
    [InlineData("dataset", CallKind.VectorDb)]
    [InlineData("que", CallKind.VectorDb)]
    [InlineData("ſearch", CallKind.VectorDb)]
    [InlineData("ping", CallKind.VectorDb)]
    [InlineData("", CallKind.VectorDb)]
    public void Of_EndpointOfAVectorDb_SaysWhatItDoes(string endpoint, CallKind expected) =>
        Assert.Equal(expected, CallKinds.Of(SpanKind.VectorDb, endpoint));

    [Theory]
    [InlineData(SpanKind.Other, CallKind.Other)]
    [InlineData(SpanKind.Llm, CallKind.Llm)]
    [InlineData(SpanKind.Api, CallKind.Api)]
    public void Of_AnythingElse_IsItsSpanKind(SpanKind kind, CallKind expected) => Assert.Equal(expected, CallKinds.Of(kind, "upsert"));

    [Fact]
    public void SpanKinds_AreKindsOfCallsWithTheirNumbers() => Assert.All(
        Enum.GetValues<SpanKind>(), kind => Assert.Equal(kind.ToString(), ((CallKind)kind).ToString()));
}
