using System.Diagnostics;
using LlmObserve.Silo.Telemetry;

namespace LlmObserve.Api.Tests.Telemetry;

public sealed class PrivateTagsTests : IDisposable
{
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name is PrivateTags.GrainCalls or "PrivateTagsTests",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public PrivateTagsTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void OnEnd_SpanOfAGrainCall_IsNotExported()
    {
        using var source = new ActivitySource(PrivateTags.GrainCalls);
        using var span = source.StartActivity("IApiKeyGrain/resolve")!;
        span.SetTag("orleans.rpc.target_id", "llmobserve.api-key/0123456789abcdef");
        using var processor = new PrivateTags();

        Assert.True(span.Recorded);
        processor.OnEnd(span);

        Assert.False(span.Recorded);
    }

    [Fact]
    public void OnEnd_SpanOfARequest_KeepsItsRouteAndLosesItsPath()
    {
        using var source = new ActivitySource("PrivateTagsTests");
        using var span = source.StartActivity("GET /caps/{id}")!;
        span.SetTag("http.route", "/caps/{id}").SetTag("url.path", "/caps/01a1fe33").SetTag("db.query.text", "SELECT 'acme'");
        using var processor = new PrivateTags();

        processor.OnEnd(span);

        Assert.True(span.Recorded);
        Assert.Equal(["http.route"], span.TagObjects.Select(tag => tag.Key));
    }
}
