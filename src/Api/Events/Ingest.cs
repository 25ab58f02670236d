using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Prices;

namespace LlmObserve.Api.Events;

/// <summary>Takes a body of events: reads, prices and records it chunk by chunk, and acknowledges what is durable.</summary>
internal sealed partial class Ingest(
    GrainCalls calls,
    PriceBooks books,
    AccountPriceLists lists,
    TextPool pool,
    IngestMemory memory,
    IngestMetrics metrics,
    TimeProvider time,
    ILogger<Ingest> log)
{
    /// <summary>The answer to a body, or the problem.</summary>
    public async Task<(IngestAnswer? Answer, Problem? Problem)> RunAsync(HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var outcome = IngestMetrics.Aborted;
        try
        {
            var answer = await TakeAsync(request, caller, cancellationToken);
            outcome = answer.Problem?.Code ?? IngestMetrics.Accepted;
            return answer;
        }
        finally
        {
            metrics.Ended(outcome, time.GetElapsedTime(started));
        }
    }

    private async Task<(IngestAnswer? Answer, Problem? Problem)> TakeAsync(HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var receivedAt = ToStored(time.GetUtcNow());
        var (headers, refusal) = IngestHeaders.Read(request, receivedAt);
        if (headers is null)
        {
            return (null, refusal);
        }

        if (headers.SkewSeconds is { } skew)
        {
            LogClockSkew(log, caller.Account, skew, request.HttpContext.TraceIdentifier);
        }

        using var lease = new MemoryLease(memory);
        if (!lease.TryResize(EventBody.FirstWindowBytes))
        {
            return (null, Problems.Unavailable("Too many events are being read at once; try again later.", ShedReasons.IngestMemory));
        }

        var own = await lists.OfAsync(caller.Account, cancellationToken);
        var faults = new EventFaults();
        await using var unzipped = headers.IsGzip ? GzipBody.Open(request.Body) : null;
        using var body = new EventBody(unzipped ?? request.Body);
        var events = new EventStream(
            body,
            headers.IsLines ? new LineSplitter() : new ArraySplitter(),
            new EventReader(pool, faults, receivedAt),
            new EventPricing(books.Current, own, faults, receivedAt, headers.Discount),
            faults,
            lease);
        try
        {
            return await RecordAllAsync(events, faults, caller.AccountKey, request.HttpContext.TraceIdentifier, cancellationToken);
        }
        finally
        {
            metrics.Read(events, faults);
        }
    }

    private async Task<(IngestAnswer? Answer, Problem? Problem)> RecordAllAsync(
        EventStream events, EventFaults faults, string account, string requestId, CancellationToken cancellationToken)
    {
        var (created, skipped) = (0L, 0L);
        var holds = new List<EventHoldAnswer>();
        while (true)
        {
            var end = await events.ReadChunkAsync(cancellationToken);
            if (end == ChunkEnd.Broken)
            {
                return (null, WithCounts(events.Problem!, created, skipped));
            }

            var chunk = events.TakeChunk();
            if (!chunk.Events.IsEmpty || !chunk.ReleasedHolds.IsEmpty)
            {
                // Not cancelled with the request: what has been sent is recorded anyway, and then its count should be known.
                var result = await RecordAsync(account, chunk, requestId);
                if (result.Outcome != RecordOutcome.Recorded)
                {
                    return (null, WithCounts(Refusal(result.Outcome), created, skipped));
                }

                metrics.Recorded(result.Created, result.Skipped);
                created += result.Created;
                skipped += result.Skipped;
                holds.AddRange(result.Holds.Take(EventLimits.MaxListedHolds - holds.Count).Select(hold => new EventHoldAnswer(hold)));
            }

            if (end == ChunkEnd.BodyOver)
            {
                return Answer(events, faults, created, skipped, holds);
            }
        }
    }

    private async Task<RecordResult> RecordAsync(string account, EventBatch chunk, string requestId)
    {
        try
        {
            // The same chunk each time, with its first time of receipt: an id that landed after all is skipped and not counted twice.
            var result = await calls.SendAsync<IAccountGrain, RecordResult>(
                account, grain => grain.RecordAsync(chunk), result => result.Outcome == RecordOutcome.SendAgain);
            if (result.Outcome != RecordOutcome.SendAgain)
            {
                return result;
            }

            LogGaveUp(log, chunk.Events.Length, GrainCalls.MaxSends, requestId);
        }
        catch (Exception e) when (TransientFaults.IsTransient(e))
        {
            // Caught here and not at the API's boundary, so that the answer can say what is recorded already.
            LogNotRecorded(log, e, chunk.Events.Length, requestId);
        }

        return RecordResult.Unavailable;
    }

    private static (IngestAnswer? Answer, Problem? Problem) Answer(
        EventStream events, EventFaults faults, long created, long skipped, List<EventHoldAnswer> holds)
    {
        if (faults.Count > 0 && created + skipped + events.Filtered == 0)
        {
            ImmutableArray<Fault> all = [.. faults.Rejected.SelectMany(rejected => rejected.Errors)];
            return (null, new Problem(
                StatusCodes.Status422UnprocessableEntity,
                "all-events-rejected",
                "No event was accepted",
                (faults.Count == 1 ? "The event has faults and was not recorded: " : $"Each of the {faults.Count} events has faults; none was recorded. The first: ") + all[0].Detail)
            {
                Errors = all,
                More = [new ProblemMember("rejected_count", faults.Count)],
            });
        }

        return (new IngestAnswer("success", created, skipped, events.Filtered, faults.Count, faults.Rejected)
        {
            Holds = holds.Count > 0 ? holds : null,
        }, null);
    }

    private static Problem Refusal(RecordOutcome outcome) => outcome switch
    {
        RecordOutcome.Overloaded => Problems.TooManyRequests(
            "Too many events of this account are waiting to be recorded; try again later.", ShedReasons.AccountQueue),
        RecordOutcome.OutOfRange => new(
            StatusCodes.Status422UnprocessableEntity,
            "totals-out-of-range",
            "The account's totals are full",
            $"With these events a total of the account would pass what it can hold: {Usd.MaxValue} dollars, or 2^63 tokens. They are not recorded."),
        _ => Problems.Unavailable("The ledger cannot be written now; try again later.", ShedReasons.Ledger),
    };

    /// <summary>Says how much of the body is durable already, where any is: a retry skips it.</summary>
    private static Problem WithCounts(Problem problem, long created, long skipped) => created + skipped == 0
        ? problem
        : problem with
        {
            Detail = $"{problem.Detail} {created + skipped} events before that are recorded; a retry skips them.",
            More = [new ProblemMember("created", created), new ProblemMember("skipped", skipped)],
        };

    /// <summary>PostgreSQL keeps microseconds: a resend must carry what was stored.</summary>
    private static DateTimeOffset ToStored(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
