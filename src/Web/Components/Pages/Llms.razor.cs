using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>What models cost.</summary>
public sealed partial class Llms : ComponentBase
{
    /// <summary>Models with a colour of their own.</summary>
    private const int Top = 10;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private PageFilter Filter => Table.Filter;

    private TableView Table { get; set; } = null!;

    private string Window { get; set; } = "";

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private LlmsAnswer? Answer { get; set; }

    private TimeSeriesAnswer? Series { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Table = TableView.Read(Context.Request, "cost", "calls", "input_tokens", "output_tokens", "errors", "name");
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Window = Filter.ToApi(visit.Zone, visit.Now);
        var models = Api.GetAsync<LlmsAnswer>($"/stats/llms?{Window}&{Table.ToApi()}");
        var series = await Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=model&kind=llm&top={Top}&{Window}");
        (Answer, Series) = ((await models).Value, series.Value);
        Problem = (await models).Problem ?? series.Problem;
    }
}
