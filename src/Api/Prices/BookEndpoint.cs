using System.Collections.Immutable;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Prices;

/// <summary>Shows the price book in effect.</summary>
internal sealed class BookEndpoint(PriceBooks books, TimeProvider clock)
{
    /// <summary>A screenful.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The whole book in some eight pages.</summary>
    public const int MaxLimit = 200;

    private const byte Cursor = 101;

    public Results<Ok<BookPage>, Problem> List(HttpContext context)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var query = context.Request.Query;
        var limit = StatsRequest.ReadCount(query, "limit", DefaultLimit, MaxLimit, faults);
        var part = Text("q");
        var provider = Text("provider");
        string? after = null;
        if (StatsRequest.Text(query, "cursor") is { } cursor && (after = TextCursor.Parse(Cursor, cursor)) is null)
        {
            faults.Add(StatsRequest.BadCursor);
        }

        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        var book = books.Current;
        var found = book.Entries
            .Where(entry => (provider is null || entry.Provider == book.Provider(provider))
                && (part is null || entry.Id.Contains(part, StringComparison.OrdinalIgnoreCase) || entry.Model.Contains(part, StringComparison.OrdinalIgnoreCase))
                && (after is null || string.CompareOrdinal(entry.Id, after) > 0))
            .OrderBy(entry => entry.Id, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        var now = clock.GetUtcNow();
        var next = found.Count > limit ? TextCursor.Of(Cursor, found[limit - 1].Id) : null;
        return TypedResults.Ok(new BookPage(book.Version, [.. found.Take(limit).Select(entry => new BookEntryAnswer(entry, now))], next));

        string? Text(string name) =>
            StatsRequest.Text(query, name)?.Trim() is { Length: > 0 } text && TextFaults.Check(name, text, StatsRequest.MaxLabelLength, faults) ? text : null;
    }
}
