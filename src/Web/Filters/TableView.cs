using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Filters;

/// <summary>How the table of a page is looked at: its order, search and place, in the page's address: <c>?sort=calls&amp;order=asc&amp;q=acme</c>.</summary>
/// <param name="Path">The page's.</param>
/// <param name="Filter">What the page looks at.</param>
/// <param name="Sort">The word of a column.</param>
/// <param name="Descending">Largest first.</param>
/// <param name="Search">What names must contain.</param>
/// <param name="Cursor">Where the shown rows begin; null at the first.</param>
public sealed record TableView(string Path, PageFilter Filter, string Sort, bool Descending, string? Search, string? Cursor)
{
    /// <summary>Rows of a page: a screenful, and little enough to be read.</summary>
    public const int Rows = 25;

    public const string ByCost = "cost";

    public static TableView Read(HttpRequest request, params string[] sorts)
    {
        var query = request.Query;
        var sort = PageFilter.Text(query, "sort") is { } word && sorts.Contains(word) ? word : ByCost;
        return new TableView(
            request.Path,
            PageFilter.Read(query),
            sort,
            PageFilter.Text(query, "order") switch { "asc" => false, "desc" => true, _ => sort != "name" },
            PageFilter.Text(query, "q"),
            PageFilter.Text(query, "cursor"));
    }

    /// <summary>The question to the API, behind that of the filter.</summary>
    public string ToApi() => QueryText.Of(
        ("q", Search), ("sort", Sort), ("order", Descending ? "desc" : "asc"), ("limit", $"{Rows}"), ("cursor", Cursor));

    /// <summary>The address of the table in another order; the same column again turns it round.</summary>
    public string SortedBy(string sort, bool ascendingFirst) =>
        (this with { Sort = sort, Descending = sort == Sort ? !Descending : !ascendingFirst, Cursor = null }).Address;

    /// <summary>The address of the rows behind a cursor.</summary>
    public string At(string? cursor) => (this with { Cursor = cursor }).Address;

    /// <summary>The address of the whole table as a file.</summary>
    public string File(string table, string format, string? window) => $"/export/{table}?{string.Join('&', new[]
    {
        window, QueryText.Of(("q", Search), ("sort", Sort), ("order", Descending ? "desc" : "asc"), ("format", format)),
    }.Where(part => !string.IsNullOrEmpty(part)))}";

    private string Address => Filter.On(Path, Words);

    /// <summary>The words of the address, without those that say what is so anyway.</summary>
    public IEnumerable<(string Word, string? Value)> Words =>
    [
        ("sort", Sort == ByCost ? null : Sort),
        ("order", Descending == (Sort != "name") ? null : Descending ? "desc" : "asc"),
        ("q", Search),
        ("cursor", Cursor),
    ];
}
