using System.Globalization;
using System.Runtime.CompilerServices;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>A page of calls by provider and something else, with the cursor of the next.</summary>
internal sealed record CallList(StatsCallsPage Page, StatsWindow Window, string? Cursor);

/// <summary>What the rows of a list by two names are, on a page and in a file.</summary>
/// <param name="Kind">Of which calls.</param>
/// <param name="Group">What a row is besides a provider's.</param>
/// <param name="FileName">The first word of a file's name.</param>
/// <param name="ToAnswer">A row as it is answered, with the cost of all.</param>
/// <param name="Columns">The same as CSV.</param>
internal sealed record CallListShape<T>(
    StatsKind Kind, StatsCallsGroup Group, string FileName, Func<StatsCallsRow, Usd, T> ToAnswer, FileColumns<T> Columns);

/// <summary>Reads lists by two names. Their cursor's name is both, with the length of the first before them: <c>6:openaigpt-4o</c>.</summary>
internal sealed partial class StatsEndpoints
{
    private const char AfterLength = ':';

    /// <summary>One of the three: a page, a file, or why there is neither.</summary>
    private async Task<(CallList? List, ListFile<T>? File, Problem? Problem)> ListCallsAsync<T>(Caller caller, HttpContext context, CallListShape<T> shape)
    {
        var now = clock.GetUtcNow();
        if (!StatsRequest.TryReadList(context.Request.Query, prices.Current, now, out var request, out var problem))
        {
            return (null, null, problem);
        }

        StatsCallsPosition? after = null;
        if (request.After is { } place)
        {
            if (!TryRead(place, out var position))
            {
                return (null, null, Problems.Invalid([StatsRequest.BadCursor]));
            }

            after = position;
        }

        var filter = request.Filter with { Kind = shape.Kind };
        var zone = await ZoneOfAsync(caller);
        var plan = RollupPlan.For(request.Window, StatsKeysOf.Sums(filter), zone, now);
        var query = new StatsQuery(caller.Account, plan, filter) { Order = request.Order, Search = request.Search };
        if (request.Format is { } format)
        {
            var name = StatsFiles.Name(shape.FileName, plan.Window, zone, now);
            return (null, new ListFile<T>(format, name, shape.Columns, PagesAsync(query, shape), StatsFiles.MaxRows), null);
        }

        var page = await store.ListCallsAsync(query, shape.Group, after, request.Limit, context.RequestAborted);
        return (
            new CallList(page, plan.Window, page.Next is { } next ? new StatsCursor(request.Window, request.Order, Place(next)).ToString() : null), null, null);
    }

    private async IAsyncEnumerable<IReadOnlyList<T>> PagesAsync<T>(
        StatsQuery query, CallListShape<T> shape, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        StatsCallsPosition? after = null;
        Usd? all = null;
        do
        {
            var page = await store.ListCallsAsync(query, shape.Group, after, StatsStore.FileRows, cancellationToken);

            // Shares are of one whole, also where calls are counted between two pages.
            var whole = all ??= page.Totals.Figures.Cost;
            yield return [.. page.Rows.Select(row => shape.ToAnswer(row, whole))];
            after = page.Next;
        }
        while (after is not null);
    }

    private static StatsPosition Place(StatsCallsPosition position) => new(
        position.Value, string.Create(CultureInfo.InvariantCulture, $"{position.Provider.Length}{AfterLength}{position.Provider}{position.Name}"));

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
