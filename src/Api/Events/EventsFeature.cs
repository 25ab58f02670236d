using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Faults;
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
            .WithHeader("Content-Encoding", "gzip, or none.")
            .WithHeader("X-LLMObserve-Batch-API", "true for calls of a provider's batch API.")
            .WithHeader("X-LLMObserve-Discount", "With the batch header: what the computed costs are multiplied by, such as 0.5.")
            .WithHeader("X-LLMObserve-Timestamp", "The client's clock in Unix seconds.")
            .WithSummary("Records calls. Good events of a body land also where others are refused; an id that was recorded before is skipped.");

    private static async Task<Results<Created<IngestAnswer>, Problem>> IngestAsync(
        HttpContext context, Caller caller, Ingest ingest, CancellationToken cancellationToken)
    {
        // The body is counted as it is read, after decompression; the server's own limit is lower and counts before. It also
        // cuts a connection on which more is still to come, so that the client would never see the answer.
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
    string Status, long Created, long Skipped, long Filtered, long RejectedCount, IReadOnlyList<RejectedEvent> Rejected);

[JsonSerializable(typeof(IngestAnswer))]
[JsonSerializable(typeof(Fault))]
internal sealed partial class EventsJson : JsonSerializerContext;
