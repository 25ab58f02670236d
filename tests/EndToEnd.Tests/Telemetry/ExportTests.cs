using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Telemetry;

/// <summary>What a collector gets from a server that was told of it.</summary>
public sealed class ExportTests
{
    private const string Soon = "200";
    private const string Never = "3600000";

    [Fact]
    public async Task Collector_OfARunningServer_GetsItsMetricsAndSpans()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, Settings(collector, Soon));
        using var client = await ApiClient.SignUpAsync(server);
        (await client.PostEventsAsync(Harness.Events.Batch("told", 3))).Expect(HttpStatusCode.Created);
        await client.CheckAsync("customer_id=acme");

        await Wait.UntilAsync(
            () => collector.Sum("llmobserve.events.recorded") == 3 && collector.Sum("llmobserve.checks") == 1
                && collector.Spans.Any(span => span.Name == "ledger.commit") && collector.Spans.Any(span => span.Name == "POST /events/"),
            () => $"metrics and spans. {collector} {server.Log}");

        string[] expected =
        [
            "llmobserve.ledger.commit.duration", "llmobserve.ledger.queue.batches", "llmobserve.grain.active", "llmobserve.prices.version",
            "llmobserve.ledger.partitions", "dotnet.gc.collections", "http.server.request.duration", "kestrel.active_connections",
            "db.client.operation.duration",
        ];
        Assert.Empty(expected.Except(collector.Metrics));
        Assert.Equal("llmobserve", collector.Resource["service.name"]);
        Assert.NotEmpty(collector.Resource["service.instance.id"]);
        Assert.Equal("test", collector.Resource["deployment.environment.name"]);

        var commit = collector.Spans.First(span => span.Name == "ledger.commit");
        var request = collector.Spans.First(span => span.Name == "POST /events/");
        Assert.Equal(request.Trace, commit.Trace);
        Assert.Contains("http.response.status_code", request.Tags);
        Assert.Contains(collector.Spans, span => span.Parent == commit.Id && span.Scope == "Npgsql");
    }

    [Fact]
    public async Task Collector_OfARunningServer_IsToldNoIdsAndNoStatements()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, Settings(collector, Never));
        using var client = await ApiClient.SignUpAsync(server);
        (await client.PostEventsAsync(Harness.Events.Batch("secret-id", 3))).Expect(HttpStatusCode.Created);
        await client.CheckAsync("customer_id=acme");
        await client.GetAsync("runs/run-0");
        await server.StopAsync();

        Assert.True(collector.Spans.Any(span => span.Name.StartsWith("GET /runs/{", StringComparison.Ordinal)), collector.ToString());
        foreach (var secret in new[] { "secret-id", "acme", "run-0", client.Account.Key, client.Account.Email, "INSERT INTO", "Password", "Username" })
        {
            Assert.False(collector.Holds(secret), $"The collector was told '{secret}'.");
        }
    }

    [Fact]
    public async Task Stop_WithMeasurementsNotSent_SendsThem()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, Settings(collector, Never));
        using var client = await ApiClient.SignUpAsync(server);
        (await client.PostEventsAsync(Harness.Events.Batch("last", 5))).Expect(HttpStatusCode.Created);
        Assert.Empty(collector.Metrics);

        Assert.Equal(0, await server.StopAsync());

        Assert.Equal(5, collector.Sum("llmobserve.events.recorded"));
        Assert.Equal(0, collector.Sum("llmobserve.account.waiting"));
        Assert.Contains(collector.Spans, span => span.Name == "ledger.commit");
    }

    [Fact]
    public async Task Collector_NotThere_IsSaidInTheLogAndHoldsNothingUp()
    {
        await using var folder = ServerFolder.Create();
        var collector = await OtlpCollector.StartAsync();
        var settings = Settings(collector, Soon);
        await collector.DisposeAsync();
        await using var server = await ServerProcess.StartAsync(folder, settings);
        using var client = await ApiClient.SignUpAsync(server);

        (await client.PostEventsAsync(Harness.Events.Batch("untold", 3))).Expect(HttpStatusCode.Created);

        await Wait.UntilAsync(() => server.Output.Contains("Telemetry does not arrive", StringComparison.Ordinal), () => server.Log);
        Assert.Equal(0, await server.StopAsync());
    }

    private static ServerSettings Settings(OtlpCollector collector, string intervalMs) => new()
    {
        Environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = intervalMs,
            ["OTEL_BSP_SCHEDULE_DELAY"] = intervalMs,
            ["OTEL_TRACES_SAMPLER"] = "always_on",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test",
        },
    };
}
