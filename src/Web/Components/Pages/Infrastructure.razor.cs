using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Charts;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>What vector databases and other services cost.</summary>
public sealed partial class Infrastructure : ComponentBase
{
    /// <summary>Providers with a colour of their own.</summary>
    private const int Top = 7;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private PageFilter Filter => Table.Filter;

    private TableView Table { get; set; } = null!;

    private string Window { get; set; } = "";

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private InfrastructureAnswer? Answer { get; set; }

    private TimeSeriesAnswer? Series { get; set; }

    private IReadOnlyList<Rank> Ranked => [.. (Answer?.Items ?? []).Take(Top).Select(row =>
        new Rank(row.Provider, row.TotalCost, row.Percentage, (Filter with { Provider = row.Provider }).On("/infrastructure")))];

    protected override async Task OnInitializedAsync()
    {
        Table = TableView.Read(Context.Request, "cost", "calls", "errors", "name");
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Window = Filter.ToApi(visit.Zone, visit.Now);
        var services = Api.GetAsync<InfrastructureAnswer>($"/stats/infrastructure?{Window}&{Table.ToApi()}");
        var series = await Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=provider&kind=infrastructure&top={Top}&{Window}");
        (Answer, Series) = ((await services).Value, series.Value);
        Problem = (await services).Problem ?? series.Problem;
    }

    private static string TypeName(string? type) => type == "vector_db" ? "Vector DB" : "API";
}
