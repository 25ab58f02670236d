using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Events;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Runs;

/// <summary>The runs of the caller's account.</summary>
internal sealed class RunsEndpoints(RunsStore store, PriceBooks prices, TimeProvider clock)
{
    /// <summary>A screenful.</summary>
    public const int DefaultLimit = 20;

    /// <summary>Runs of a file at most: a hundred pages, each of which may look through thousands of calls.</summary>
    public const int MaxFileRows = 10_000;

    private static readonly FileColumns<RunAnswer> s_columns = new(
        ["run_id", "started_at", "ended_at", "truncated", .. StatsFiles.FigureColumns],
        static (line, run) => line.Add(run.RunId).Add(run.StartedAt).Add(run.EndedAt).Add(run.Truncated ? "true" : "false").Add(run));

    public async Task<Results<Ok<RunPageAnswer>, ListFile<RunAnswer>, Problem>> LatestAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var query = context.Request.Query;
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var filter = StatsRequest.ReadFilter(query, prices.Current, faults);
        var limit = StatsRequest.ReadCount(query, "limit", DefaultLimit, RunsStore.MaxRuns, faults);
        var format = ListWords.ReadFormat(query, faults);

        // Without a window: the latest there are.
        var window = StatsRequest.HasWindow(query)
            ? StatsRequest.ReadWindow(query, now, faults)
            : new StatsWindow(now.AddDays(-StatsRequest.MaxDays), now);
        window = window.To >= now ? window with { To = now + EventLimits.MaxAhead } : window;
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

        if (format is { } file)
        {
            // Its dates are UTC's, as are its times.
            var name = StatsFiles.Name("runs", window, AccountZone.Utc, now);
            return new ListFile<RunAnswer>(file, name, s_columns, PagesAsync(caller.Account, window, filter), MaxFileRows);
        }

        var page = await store.ListLatestAsync(caller.Account, window, filter, after, limit, context.RequestAborted);
        return TypedResults.Ok(new RunPageAnswer(
            [.. page.Runs.Select(run => new RunAnswer(run))],
            page.Next is { } next ? new RunCursor(window, next).ToString() : null));
    }

    public async Task<Results<Ok<RunDetailAnswer>, Problem>> GetAsync(Caller caller, HttpContext context)
    {
        var id = RunIdOf(context);
        var run = TextFaults.Check("run_id", id, EventLimits.MaxIdLength, new List<Fault>())
            ? await store.GetAsync(caller.Account, id, context.RequestAborted)
            : null;
        return run is null ? Problems.NotFound("There is no run of this id.") : TypedResults.Ok(new RunDetailAnswer(run));
    }

    private async IAsyncEnumerable<IReadOnlyList<RunAnswer>> PagesAsync(
        AccountId account, StatsWindow window, StatsFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RunPosition? after = null;
        do
        {
            var page = await store.ListLatestAsync(account, window, filter, after, RunsStore.MaxRuns, cancellationToken);
            yield return [.. page.Runs.Select(run => new RunAnswer(run))];
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>
    /// The last segment of the path as it was sent, decoded once. The framework's own value keeps an escaped slash escaped, and then nobody can
    /// tell it from one that was escaped twice.
    /// </summary>
    private static string RunIdOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = (query < 0 ? target : target[..query]).TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
