using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Runs;

/// <summary>The runs of the caller's account.</summary>
internal sealed class RunsEndpoints(RunsStore store, PriceBooks prices, TimeProvider clock)
{
    /// <summary>A screenful.</summary>
    private const int DefaultLimit = 20;

    /// <summary>As long as an event's run id may be.</summary>
    private const int MaxRunIdLength = 200;

    /// <summary>How far ahead of this server's clock an event may say that it happened.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    public async Task<Results<Ok<RunPageAnswer>, Problem>> LatestAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var query = context.Request.Query;
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var filter = StatsRequest.ReadFilter(query, prices.Current, faults);
        var limit = StatsRequest.ReadCount(query, "limit", DefaultLimit, RunsStore.MaxRuns, faults);

        // Without a window: the latest there are.
        var window = StatsRequest.HasWindow(query)
            ? StatsRequest.ReadWindow(query, now, faults)
            : new StatsWindow(now.AddDays(-StatsRequest.MaxDays), now);
        window = window.To >= now ? window with { To = now + Ahead } : window;
        RunPosition? after = null;
        if (StatsRequest.Text(query, "cursor") is { } text)
        {
            if (RunCursor.TryParse(text, out var cursor))
            {
                (window, after) = (cursor.Window, cursor.Position);
            }
            else
            {
                faults.Add(StatsRequest.BadCursor);
            }
        }

        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        var page = await store.ListLatestAsync(caller.Account, window, filter, after, limit, context.RequestAborted);
        return TypedResults.Ok(new RunPageAnswer(
            [.. page.Runs.Select(run => new RunAnswer(run))],
            page.Next is { } next ? new RunCursor(window, next).ToString() : null));
    }

    public async Task<Results<Ok<RunDetailAnswer>, Problem>> GetAsync(string runId, Caller caller, HttpContext context)
    {
        // The framework leaves an escaped slash as it is, because it would change the route.
        var id = runId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var run = TextFaults.Check("run_id", id, MaxRunIdLength, new List<Fault>())
            ? await store.GetAsync(caller.Account, id, context.RequestAborted)
            : null;
        return run is null ? Problems.NotFound("There is no run of this id.") : TypedResults.Ok(new RunDetailAnswer(run));
    }
}
