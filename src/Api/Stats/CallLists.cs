using System.Globalization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>A page of calls by provider and something else, with the cursor of the next.</summary>
internal sealed record CallList(StatsCallsPage Page, StatsWindow Window, string? Cursor);

/// <summary>Reads lists by two names. Their cursor's name is both, with the length of the first before them: <c>6:openaigpt-4o</c>.</summary>
internal sealed partial class StatsEndpoints
{
    private const char AfterLength = ':';

    private async Task<(CallList? List, Problem? Problem)> ListCallsAsync(Caller caller, HttpContext context, StatsKind kind, StatsCallsGroup group)
    {
        var now = clock.GetUtcNow();
        if (!StatsRequest.TryRead(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return (null, problem);
        }

        StatsCallsPosition? after = null;
        if (request.After is { } place)
        {
            if (!TryRead(place, out var position))
            {
                return (null, Problems.Invalid([StatsRequest.BadCursor]));
            }

            after = position;
        }

        var filter = request.Filter with { Kind = kind };
        var plan = RollupPlan.For(request.Window, StatsKeysOf.Sums(filter), await ZoneOfAsync(caller), now);
        var page = await store.ListCallsAsync(new StatsQuery(caller.Account, plan, filter), group, after, request.Limit, context.RequestAborted);
        return (new CallList(page, plan.Window, page.Next is { } next ? new StatsCursor(request.Window, request.Order, Place(next)).ToString() : null), null);
    }

    private static StatsPosition Place(StatsCallsPosition position) => new(
        position.CostNanos, string.Create(CultureInfo.InvariantCulture, $"{position.Provider.Length}{AfterLength}{position.Provider}{position.Name}"));

    private static bool TryRead(StatsPosition place, out StatsCallsPosition position)
    {
        var (cost, text) = place;
        var at = text.IndexOf(AfterLength, StringComparison.Ordinal);
        if (at < 1 || !int.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > text.Length - at - 1)
        {
            position = default;
            return false;
        }

        position = new StatsCallsPosition(cost, text.Substring(at + 1, length), text[(at + 1 + length)..]);
        return true;
    }
}
