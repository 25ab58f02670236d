using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>The runs of the account, the newest first.</summary>
public sealed partial class Runs : ComponentBase
{
    /// <summary>The word of the search in the address.</summary>
    private const string Q = "q";

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private TableView Table { get; set; } = null!;

    private PageFilter Filter => Table.Filter;

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private string Window { get; set; } = "";

    private IReadOnlyList<RunAnswer> Items { get; set; } = [];

    private string? Next { get; set; }

    /// <summary>Nothing narrows what is shown but its time.</summary>
    private bool IsWhole => !Filter.IsNarrow && Table is { Search: null, Cursor: null };

    protected override async Task OnInitializedAsync()
    {
        Table = TableView.Read(Context.Request);
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Window = Filter.ToApi(visit.Zone, visit.Now);
        if (Table.Search is { } id)
        {
            await FindAsync(id.Trim());
            return;
        }

        var place = QueryText.Of(("limit", $"{TableView.Rows}"), ("cursor", Table.Cursor));
        var runs = await Api.GetAsync<PageAnswer<RunAnswer>>($"/runs/latest?{Window}&{place}");
        (Items, Next, Problem) = (runs.Value?.Items ?? [], runs.Value?.NextCursor, runs.Problem);
    }

    /// <summary>The API lists runs by time and knows one by its whole id.</summary>
    private async Task FindAsync(string id)
    {
        if (!RunIds.MayBe(id))
        {
            return;
        }

        var run = await Api.GetAsync<RunDetailAnswer>($"/runs/{Uri.EscapeDataString(id)}");
        Items = run.Value is { } found ? [found] : [];
        Problem = run.Problem is { Status: not StatusCodes.Status404NotFound } problem ? problem : null;
    }

    private static string Address(RunAnswer run) => $"/runs/{Uri.EscapeDataString(run.RunId)}";

    /// <summary>The list knows when calls ended, not when the first began; of one call the average is its own latency.</summary>
    private static decimal? Duration(RunAnswer run) =>
        run.CallCount == 1 ? run.AvgLatencyMs : (decimal)(run.EndedAt - run.StartedAt).Ticks / TimeSpan.TicksPerMillisecond;
}
