using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmObserve.Api.Events;
using LlmObserve.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Api.Tests.Telemetry;

/// <summary>What a listener hears of requests to the real API.</summary>
public sealed class TelemetryTests : IClassFixture<AppFixture>, IDisposable
{
    private readonly AppFixture _app;
    private readonly Measurements _measured;

    public TelemetryTests(AppFixture app)
    {
        _app = app;
        _measured = new Measurements(app.Services.GetRequiredService<IMeterFactory>());
    }

    public void Dispose() => _measured.Dispose();

    [Fact]
    public async Task Ingest_Events_MoveTheCountersByWhatBecameOfThem()
    {
        using var person = await _app.SignUpAsync();
        var known = TestEvents.Make("0.01");
        await person.SendAsync(known);
        var (received, recorded) = (_measured.Sum("llmobserve.events.received"), _measured.Sum("llmobserve.events.recorded"));

        var faulty = TestEvents.Make("0.01", new { span_type = 7 });
        var body = new JsonArray(known.DeepClone(), TestEvents.Make("0.01"), TestEvents.Make("0.02"), faulty);
        await person.Sdk.PostAsJsonAsync("/events/", body).JsonAsync(201);

        Assert.Equal(4, _measured.Sum("llmobserve.events.received") - received);
        Assert.Equal(2, _measured.Sum("llmobserve.events.recorded") - recorded);
        Assert.Equal(1, _measured.Sum("llmobserve.events.skipped"));
        Assert.Equal(1, _measured.Sum("llmobserve.events.rejected"));
        Assert.Equal(4, _measured.Sum("llmobserve.events.unpriced"));
        Assert.Equal(2, _measured.Of("llmobserve.ingest.duration", "outcome", "accepted").Count);
    }

    [Fact]
    public async Task Ingest_Commit_RecordsItsSizeAndTimeAndLeavesNothingWaiting()
    {
        using var person = await _app.SignUpAsync();

        await person.SendAsync(TestEvents.Make("0.01"), TestEvents.Make("0.01"), TestEvents.Make("0.01"));

        Assert.Equal(3, Assert.Single(_measured.Of("llmobserve.ledger.commit.rows")).Value);
        Assert.True(Assert.Single(_measured.Of("llmobserve.ledger.commit.duration", "outcome", "committed")).Value > 0);
        Assert.Equal([3, -3], _measured.Of("llmobserve.account.waiting").Select(waiting => waiting.Value));
    }

    [Fact]
    public async Task Check_DeniedAndAllowed_CountsBothAndSaysWhatDenies()
    {
        using var person = await _app.SignUpAsync();
        await person.CreateCapAsync(new { cap_type = "customer", target_name = "acme", limit_amount = 0.01, period = "daily", enforcement = "hard_block" });
        await person.SendAsync(TestEvents.Make("0.01", new { customer_id = "acme" }));

        Assert.False((await person.CheckAsync("customer_id=acme")).GetProperty("allowed").GetBoolean());
        Assert.True((await person.CheckAsync("customer_id=other")).GetProperty("allowed").GetBoolean());

        Assert.Equal(1, _measured.Sum("llmobserve.checks", "outcome", "denied"));
        Assert.Equal(1, _measured.Sum("llmobserve.checks", "outcome", "allowed"));
        Assert.Equal(2, _measured.Of("llmobserve.check.duration").Count);
        var denial = Assert.Single(_measured.Of("llmobserve.check.denials"));
        Assert.Equal(("exceeded", "customer"), (denial.Tags["reason"], denial.Tags["cap.type"]));
    }

    [Fact]
    public async Task Ingest_NoMemoryLeft_CountsTheShedByItsReason()
    {
        using var person = await _app.SignUpAsync();
        var memory = _app.Services.GetRequiredService<IngestMemory>();
        Assert.True(memory.TryTake(IngestMemory.MaxBytes));
        try
        {
            await person.Sdk.PostAsJsonAsync("/events/", new JsonArray(TestEvents.Make("0.01"))).JsonAsync(503);
        }
        finally
        {
            memory.TryTake(-IngestMemory.MaxBytes);
        }

        var shed = Assert.Single(_measured.Of("llmobserve.sheds"));
        Assert.Equal((503, "ingest_memory"), (shed.Tags["http.response.status_code"], shed.Tags["reason"]));
        Assert.Single(_measured.Of("llmobserve.ingest.duration", "outcome", "unavailable"));
    }

    [Fact]
    public async Task Grains_ComingIntoMemory_AreCountedByType()
    {
        using var person = await _app.SignUpAsync();
        await person.CreateCapAsync(new { cap_type = "global", limit_amount = 5, period = "daily", enforcement = "alert" });
        await person.SendAsync(TestEvents.Make("0.01"));

        foreach (var type in new[] { "account", "api_key", "cap" })
        {
            Assert.Equal(1, _measured.Sum("llmobserve.grain.activations", "grain.type", type));
            Assert.Equal(1, _measured.Sum("llmobserve.grain.active", "grain.type", type));
        }
    }

    [Fact]
    public async Task Tags_OfAllMeasurements_NameNoAccountCustomerOrKey()
    {
        using var person = await _app.SignUpAsync();
        await person.CreateCapAsync(new { cap_type = "customer", target_name = "acme", limit_amount = 0.01, period = "daily", enforcement = "hard_block" });
        await person.SendAsync(TestEvents.Make("0.01", new { customer_id = "acme" }));
        await person.CheckAsync("customer_id=acme");

        // The mail to confirm the address is sent while nobody waits: it is measured by now, or not yet.
        var tags = _measured.All.SelectMany(measured => measured.Tags).Select(tag => tag.Key).Append("mail.kind").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["cap.type", "grain.type", "mail.kind", "outcome", "reason", "stale"], tags);
        Assert.DoesNotContain(_measured.All.SelectMany(measured => measured.Tags), tag => tag.Value is "acme");
    }

    [Fact]
    public async Task Commit_OfATracedRequest_IsPartOfItsTrace()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "LlmObserve" or "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var person = await _app.SignUpAsync();
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events/")
        {
            Content = JsonContent.Create(new JsonArray(TestEvents.Make("0.01"), TestEvents.Make("0.02"))),
            Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } },
        };

        await person.Sdk.SendAsync(request).JsonAsync(201);

        var commit = Assert.Single(spans, span => span.OperationName == "ledger.commit" && span.TraceId == trace);
        Assert.Equal(2, commit.GetTagItem("llmobserve.ledger.rows"));
        Assert.Equal("committed", commit.GetTagItem("llmobserve.outcome"));
    }
}
