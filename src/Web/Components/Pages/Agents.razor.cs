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

    /// <summary>Some calls are counted together, under no name of their own.</summary>
    private bool SectionsFolded { get; set; }

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
        var sections = Filter.Customer is null ? Api.GetAsync<SectionsAnswer>($"/stats/by-section?{Window}") : null;
        (Figures, Series) = ((await figures).Value, (await series).Value);
        (AgentRows, HasMore) = ((await agents).Value?.Items ?? [], (await agents).Value?.NextCursor is not null);
        Runs = runs is null ? [] : (await runs).Value?.Items ?? [];
        if (sections is not null && (await sections).Value is { } answer)
        {
            (Sections, SectionsWindow, SectionsFolded) = (SectionTree.Of(answer.Items), answer.Window, answer.Folded);
        }

        Problem = (await figures).Problem ?? (await series).Problem ?? (await agents).Problem
            ?? (sections is null ? null : (await sections).Problem) ?? (runs is null ? null : (await runs).Problem);
    }

    private string Export(string format) => $"/export/agents?{Window}&format={format}";
}
