using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Sections;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>What agents cost, and what they consist of.</summary>
public sealed partial class Agents : ComponentBase
{
    /// <summary>Agents of the table: more than anybody reads, and one page of the API.</summary>
    private const int MaxAgents = 100;

    /// <summary>Sections of the tree: what a page can hold and is still quick; the API gives them in pages.</summary>
    private const int MaxSections = 1_000;

    private const int SectionsPerPage = 200;

    /// <summary>Runs of one agent: a glance.</summary>
    private const int RecentRuns = 8;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private PageFilter Filter { get; set; } = new();

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private string Window { get; set; } = "";

    private OverviewAnswer? Figures { get; set; }

    private TimeSeriesAnswer? Series { get; set; }

    private IReadOnlyList<NamedFigures> AgentRows { get; set; } = [];

    private bool HasMore { get; set; }

    private IReadOnlyList<SectionNode> Sections { get; set; } = [];

    private Usd SectionsCost => Usd.Sum(Sections.Select(section => section.Cost));

    private WindowAnswer? SectionsWindow { get; set; }

    private bool SectionsCut { get; set; }

    private IReadOnlyList<RunAnswer> Runs { get; set; } = [];

    private IReadOnlyList<NamedFigures> Named => [.. AgentRows.Where(agent => !string.IsNullOrEmpty(agent.Agent))];

    private decimal NamedShare => Named.Sum(agent => agent.Percentage);

    protected override async Task OnInitializedAsync()
    {
        Filter = PageFilter.Read(Context.Request.Query);
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Window = Filter.ToApi(visit.Zone, visit.Now);
        var figures = Api.GetAsync<OverviewAnswer>($"/stats/overview?{Window}");
        var series = Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=agent&{Window}");
        var agents = Api.GetAsync<PageAnswer<NamedFigures>>($"/stats/by-agent?limit={MaxAgents}&{Window}");
        var runs = Filter.Agent is null ? null : Api.GetAsync<PageAnswer<RunAnswer>>($"/runs/latest?limit={RecentRuns}&{Window}");
        // The API keeps sections without customers.
        var sections = Filter.Customer is null ? await SectionsAsync() : null;
        (Figures, Series) = ((await figures).Value, (await series).Value);
        (AgentRows, HasMore) = ((await agents).Value?.Items ?? [], (await agents).Value?.NextCursor is not null);
        Runs = runs is null ? [] : (await runs).Value?.Items ?? [];
        Problem = (await figures).Problem ?? (await series).Problem ?? (await agents).Problem ?? sections ?? (runs is null ? null : (await runs).Problem);
    }

    private async Task<ApiProblem?> SectionsAsync()
    {
        var rows = new List<SectionFigures>();
        string? cursor = null;
        do
        {
            var page = await Api.GetAsync<PageAnswer<SectionFigures>>(
                $"/stats/by-section?{Window}&{QueryText.Of(("limit", $"{SectionsPerPage}"), ("cursor", cursor))}");
            if (page.Value is not { } answer)
            {
                return page.Problem;
            }

            rows.AddRange(answer.Items);
            SectionsWindow = answer.Window;
            cursor = answer.NextCursor;
        }
        while (cursor is not null && rows.Count < MaxSections);
        Sections = SectionTree.Of(rows);
        SectionsCut = cursor is not null;
        return null;
    }

    private string Export(string format) => $"/export/agents?{Window}&format={format}";
}
