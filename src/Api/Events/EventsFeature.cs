using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Holds;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Events;

/// <summary>Events come in.</summary>
internal static class EventsFeature
{
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        GzipBody.RefuseCutShort();
        return services.AddSingleton<TextPool>().AddSingleton<IngestMemory>().AddSingleton<IngestMetrics>().AddSingleton<Ingest>()
            .AddJson(EventsJson.Default);
    }

    public static void MapEvents(this IEndpointRouteBuilder app) =>
        app.MapGroup("/events").WithTags("Events").Accept(CallerRule.Key(ApiScope.Ingest)).MapPost("", IngestAsync)
            .WithBody<OpenApi.EventBody[]>("Events, as many as 64 MiB hold; compressed with gzip or not.", MediaTypes.Json, MediaTypes.JsonLines)
            .WithMetadata(new BodyLimit(EventLimits.MaxBodyBytes))
            .WithHeader("Content-Encoding", "gzip, or none.")
            .WithHeader("X-LLMObserve-Batch-API", "true for calls of a provider's batch API.")
            .WithHeader("X-LLMObserve-Discount", "With the batch header: what the computed costs are multiplied by, such as 0.5.")
            .WithHeader("X-LLMObserve-Timestamp", "The client's clock in Unix seconds.")
            .WithSummary("Records calls. Good events of a body land also where others are refused; an id that was recorded before is skipped.");

    private static async Task<Results<Created<IngestAnswer>, Problem>> IngestAsync(
        HttpContext context, Caller caller, Ingest ingest, CancellationToken cancellationToken)
    {
        // The body is counted as it is read, after decompression; the server's own limit counts before. It also cuts a connection on which more
        // is still to come, so that the client would never see the answer.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > EventLimits.MaxBodyBytes)
        {
            return Problems.BodyTooLarge($"The body has more than {EventLimits.MaxBodyBytes / (1024 * 1024)} MiB; send it in several.");
        }

        var (answer, problem) = await ingest.RunAsync(context.Request, caller, cancellationToken);
        return answer is not null ? TypedResults.Created((string?)null, answer) : problem!;
    }
}

/// <summary>What became of the events of one body.</summary>
/// <param name="Status"><c>success</c>.</param>
/// <param name="Created">Recorded now.</param>
/// <param name="Skipped">Recorded before.</param>
/// <param name="Filtered">Not recorded: the provider did not charge the call.</param>
/// <param name="RejectedCount">Not recorded: they have faults.</param>
/// <param name="Rejected">Those, with everything that is wrong; of very many the first.</param>
internal sealed record IngestAnswer(
    string Status, long Created, long Skipped, long Filtered, long RejectedCount, IReadOnlyList<RejectedEvent> Rejected)
{
    /// <summary>New events whose hold was not settled plainly; of very many the first. Left out where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventHoldAnswer>? Holds { get; init; }
}

/// <summary>What the hold_id of an event did, where that is worth a word.</summary>
internal sealed record EventHoldAnswer
{
    public EventHoldAnswer(HoldReport report)
    {
        Id = report.EventId;
        HoldId = report.HoldId;
        Outcome = report.Outcome.ToWire();
        HeldUsd = report.Held;
        OverrunUsd = report.Overrun;
        LabelMismatch = report.LabelMismatch;
    }

    /// <summary>The event's.</summary>
    public string Id { get; }

    /// <summary>As the event named it.</summary>
    public string HoldId { get; }

    /// <summary>settled; late: the hold had expired or been released; again: another event had settled it; unknown: there is no such hold.</summary>
    public string Outcome { get; }

    /// <summary>US dollars; null where that is not known.</summary>
    public Usd? HeldUsd { get; }

    /// <summary>US dollars that the call cost above its hold.</summary>
    public Usd OverrunUsd { get; }

    /// <summary>The event counts in other caps than its hold did.</summary>
    public bool LabelMismatch { get; }
}

[JsonSerializable(typeof(IngestAnswer))]
[JsonSerializable(typeof(Fault))]
internal sealed partial class EventsJson : JsonSerializerContext;
