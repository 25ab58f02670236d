using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A span as it arrived.</summary>
internal sealed record ReceivedSpan(string Scope, string Name, string Trace, string Id, string Parent, IReadOnlyList<string> Tags);

/// <summary>A collector of OTLP over HTTP, which keeps what it is sent.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<byte[]> _metrics = new();
    private readonly ConcurrentQueue<byte[]> _traces = new();

    private OtlpCollector(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/metrics", request => KeepAsync(request, _metrics));
        app.MapPost("/v1/traces", request => KeepAsync(request, _traces));
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The names of all metrics so far.</summary>
    public IEnumerable<string> Metrics => AllMetrics().Select(metric => metric.Text(1)).Distinct();

    /// <summary>All spans so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. SpansOf()];

    /// <summary>What the last metrics say of their sender.</summary>
    public IReadOnlyDictionary<string, string> Resource => new Protobuf(_metrics.Last()).Messages(1).First().Messages(1).First().Messages(1)
        .ToDictionary(attribute => attribute.Text(1), attribute => attribute.Messages(2).First().Text(1));

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = new OtlpCollector(builder.Build());
        await collector._app.StartAsync();
        collector.Address = collector._app.Urls.First();
        return collector;
    }

    /// <summary>What the data points of a counter add up to, in the last export that has it; null where none has.</summary>
    public long? Sum(string name) => AllMetrics().LastOrDefault(metric => metric.Text(1) == name) is { } metric
        // metric.sum.data_points[].as_int
        ? metric.Messages(7).SelectMany(sum => sum.Messages(1)).Sum(point => point.Fixed64(6))
        : null;

    /// <summary>Whether anything that was sent holds this text.</summary>
    public bool Holds(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return _metrics.Concat(_traces).Any(body => body.AsSpan().IndexOf(bytes) >= 0);
    }

    public override string ToString() =>
        $"Metrics: {string.Join(' ', Metrics)}\nSpans: {string.Join(", ", Spans.Select(span => $"{span.Name} ({string.Join(' ', span.Tags)})").Distinct())}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task KeepAsync(HttpContext context, ConcurrentQueue<byte[]> into)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        into.Enqueue(body.ToArray());
    }

    // request.resource_metrics[].scope_metrics[].metrics[]
    private IEnumerable<Protobuf> AllMetrics() => _metrics
        .SelectMany(body => new Protobuf(body).Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2));

    // request.resource_spans[].scope_spans[]: scope 1, spans 2
    private IEnumerable<ReceivedSpan> SpansOf() =>
        from body in _traces
        from resource in new Protobuf(body).Messages(1)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new ReceivedSpan(
            scope.Messages(1).First().Text(1), span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4),
            [.. span.Messages(9).Select(attribute => attribute.Text(1))]);
}
