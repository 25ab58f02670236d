using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Customers;

/// <summary>What each of the account's own customers costs, and pays.</summary>
public sealed partial class CustomerList : ComponentBase
{
    /// <summary>Customers whose trend is drawn: as many as one answer has.</summary>
    private const int Trends = 20;

    /// <summary>Ids in one question. One of 256 letters takes some 1,500 characters when each is escaped as two bytes, and an address has 8,000.</summary>
    private const int AskedAtOnce = 5;

    /// <summary>Customers with a colour of their own.</summary>
    private const int Top = 7;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private TableView Table { get; set; } = null!;

    private PageFilter Filter => Table.Filter;

    private string Window { get; set; } = "";

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private PageAnswer<NamedFigures>? Page { get; set; }

    /// <summary>The dearest over time, for the chart.</summary>
    private TimeSeriesAnswer? Series { get; set; }

    /// <summary>Over time, by id.</summary>
    private Dictionary<string, IReadOnlyList<Usd>> Costs { get; } = new(StringComparer.Ordinal);

    private Dictionary<string, CustomerAnswer> Known { get; } = new(StringComparer.Ordinal);

    private ILookup<string, CapAnswer> Caps { get; set; } = Array.Empty<CapAnswer>().ToLookup(cap => cap.Id);

    /// <summary>Days that the figures cover.</summary>
    private decimal Days { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Table = TableView.Read(Context.Request, "cost", "calls", "errors", "name");
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Window = Filter.ToApi(visit.Zone, visit.Now);
        Days = Margin.Days(Filter.Range.Window(visit.Zone, visit.Now), visit.Now);
        var list = Api.GetAsync<PageAnswer<NamedFigures>>($"/stats/by-customer?{Window}&{Table.ToApi()}");
        var series = Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=customer&bucket=day&top={Trends}&{Window}");
        var caps = Api.GetAsync<IReadOnlyList<CapAnswer>>("/caps/");
        (Page, Problem) = ((await list).Value, (await list).Problem ?? (await series).Problem ?? (await caps).Problem);
        if ((await series).Value is { } trends)
        {
            foreach (var customer in trends.Series)
            {
                Costs[customer.Name ?? ""] = customer.Costs;
            }

            Series = Fold(trends);
        }

        // Names and prices of the rows that are shown: the account may have said something of thousands.
        var known = (Page?.Items ?? []).Select(row => row.CustomerId).OfType<string>().Chunk(AskedAtOnce).Select(ids =>
            Api.GetAsync<PageAnswer<CustomerAnswer>>($"/customers?{QueryText.Of(ids.Select(id => ("customer_id", (string?)id)))}"));
        foreach (var answer in await Task.WhenAll(known))
        {
            Problem ??= answer.Problem;
            foreach (var customer in answer.Value?.Items ?? [])
            {
                Known[customer.CustomerId] = customer;
            }
        }

        Caps = ((await caps).Value ?? []).Where(cap => cap is { CapType: "customer", Enabled: true }).ToLookup(cap => cap.TargetName ?? "", StringComparer.Ordinal);
    }

    private IReadOnlyList<Usd>? Trend(NamedFigures row) => Costs.GetValueOrDefault(row.CustomerId ?? "");

    private Usd? Price(NamedFigures row) => row.CustomerId is { } id ? Known.GetValueOrDefault(id)?.MonthlyPriceUsd : null;

    private IEnumerable<CapAnswer> CapsOf(NamedFigures row) => row.CustomerId is { } id ? Caps[id] : [];

    /// <summary>The chart has fewer colours than the table has rows: the rest joins the others.</summary>
    private static TimeSeriesAnswer Fold(TimeSeriesAnswer all)
    {
        var rest = all.Series.Skip(Top).Concat(all.Other is { } other ? [other] : []).ToList();
        return rest.Count == 0 ? all : all with { Series = [.. all.Series.Take(Top)], Other = rest.Aggregate(SeriesAnswer.Sum) };
    }
}
