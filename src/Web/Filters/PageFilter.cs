using System.Globalization;
using LlmObserve.Domain.Periods;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Filters;

/// <summary>
/// What a page looks at. It lives in the page's address and nowhere else, so that a view can be reloaded, sent to somebody and gone back to:
/// <c>?range=7d&amp;customer=acme&amp;provider=openai</c>.
/// </summary>
public sealed record PageFilter
{
    /// <summary>The words of the address, and those of the API.</summary>
    private static readonly (string Word, string Api, Func<PageFilter, string?> Value)[] s_labels =
    [
        ("customer", "customer_id", filter => filter.Customer),
        ("provider", "provider", filter => filter.Provider),
        ("model", "model", filter => filter.Model),
        ("agent", "agent", filter => filter.Agent),
    ];

    public PageRange Range { get; init; } = PageRange.Default;

    public string? Customer { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    public string? Agent { get; init; }

    /// <summary>Whether it leaves calls out by anything but their time.</summary>
    public bool IsNarrow => s_labels.Any(label => label.Value(this) is not null);

    public static PageFilter Read(IQueryCollection query) => new()
    {
        Range = PageRange.Read(Text(query, "range"), Text(query, "from"), Text(query, "to")),
        Customer = Text(query, "customer"),
        Provider = Text(query, "provider"),
        Model = Text(query, "model"),
        Agent = Text(query, "agent"),
    };

    /// <summary>The last value of a word of the address, or null where it is missing or empty.</summary>
    public static string? Text(IQueryCollection query, string word) => query[word] is [.., { Length: > 0 } last] ? last : null;

    /// <summary>The question to the API: <c>from=…&amp;to=…&amp;customer_id=acme</c>.</summary>
    public string ToApi(AccountZone zone, DateTimeOffset now)
    {
        var (from, to) = Range.Window(zone, now);
        return QueryText.Of(
        [
            ("from", Instant(from)),
            ("to", Instant(to)),
            .. s_labels.Select(label => (label.Api, label.Value(this))),
        ]);
    }

    /// <summary>The labels alone, for a question with times of its own.</summary>
    public string ToApiLabels() => QueryText.Of(s_labels.Select(label => (label.Api, label.Value(this))));

    /// <summary>The words of the address, without those that say what is so anyway.</summary>
    public IEnumerable<(string Word, string? Value)> Words() =>
    [
        ("range", Range == PageRange.Default ? null : Range.Word),
        ("from", Range.FromText),
        ("to", Range.ToText),
        .. s_labels.Select(label => (label.Word, label.Value(this))),
    ];

    /// <summary>The labels that narrow it: the word, its value, and the filter without it.</summary>
    public IEnumerable<(string Word, string Value, PageFilter Without)> Narrowings()
    {
        if (Customer is { } customer)
        {
            yield return ("customer", customer, this with { Customer = null });
        }

        if (Provider is { } provider)
        {
            yield return ("provider", provider, this with { Provider = null });
        }

        if (Model is { } model)
        {
            yield return ("model", model, this with { Model = null });
        }

        if (Agent is { } agent)
        {
            yield return ("agent", agent, this with { Agent = null });
        }
    }

    /// <summary>The address of a page that shows this.</summary>
    public string On(string path, params IEnumerable<(string Word, string? Value)> more)
    {
        var query = QueryText.Of(Words().Concat(more));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    private static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>Writes queries.</summary>
public static class QueryText
{
    /// <summary>
    /// A path that ends with a name: <c>/customers/eu%2Facme</c>. Slashes are escaped: whoever sends <c>/customers/eu/../acme</c> asks for another one. Null
    /// for the two names that no path can end with, escaped or not.
    /// </summary>
    public static string? Path(string start, string name) => name is "." or ".." ? null : $"{start}/{Uri.EscapeDataString(name)}";

    /// <summary><c>a=1&amp;b=2</c>, without what has no value.</summary>
    public static string Of(params IEnumerable<(string Name, string? Value)> values) => string.Join(
        '&', values.Where(pair => !string.IsNullOrEmpty(pair.Value)).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}"));
}
