using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Charts;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>What the account spends, at a glance.</summary>
public sealed partial class Overview : ComponentBase
{
    /// <summary>Rows of each list: what fits beside the others.</summary>
    private const int Top = 5;

    /// <summary>A cap is close to its limit from here on, in percent, spent and held together.</summary>
    private const decimal Close = 60;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private PageFilter Filter { get; set; } = new();

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private PeriodsAnswer? Periods { get; set; }

    private OverviewAnswer? Figures { get; set; }

    private TimeSeriesAnswer? Series { get; set; }

    private IReadOnlyList<Rank> Models { get; set; } = [];

    private IReadOnlyList<Rank> Customers { get; set; } = [];

    private IReadOnlyList<Rank> Agents { get; set; } = [];

    private IReadOnlyList<CapAnswer> CloseCaps { get; set; } = [];

    private bool HasCaps { get; set; }

    private IReadOnlyList<RunAnswer> Runs { get; set; } = [];

    /// <summary>Nothing in the window, and no run ever.</summary>
    private bool HasNothing { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Filter = PageFilter.Read(Context.Request.Query);
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        var window = Filter.ToApi(visit.Zone, visit.Now);
        var labels = Filter.ToApiLabels();
        var periods = Api.GetAsync<PeriodsAnswer>($"/stats/periods?{labels}");
        var figures = Api.GetAsync<OverviewAnswer>($"/stats/overview?{window}");
        var series = Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=provider&{window}");
        var agents = Api.GetAsync<PageAnswer<NamedFigures>>($"/stats/by-agent?limit={Top}&{window}");
        var caps = Api.GetAsync<IReadOnlyList<CapAnswer>>("/caps/");
        var runs = Api.GetAsync<PageAnswer<RunAnswer>>($"/runs/latest?limit={Top}&{window}");
        (Periods, Figures, Series) = ((await periods).Value, (await figures).Value, (await series).Value);
        Models = Of(Figures?.TopModels, row => row.Model ?? "no model", row => row.Model is null ? null : Filter with { Model = row.Model }, "/llms");
        Customers = [.. (Figures?.TopCustomers ?? []).Take(Top).Select(row => row.CustomerId is { } id
            ? new Rank(id, row.TotalCost, row.Percentage, QueryText.Path("/customers", id) is { } path ? Filter.On(path) : null)
            : new Rank("no customer", row.TotalCost, row.Percentage, null))];
        Agents = Of((await agents).Value?.Items, row => row.Agent ?? "no agent", row => row.Agent is null ? null : Filter with { Agent = row.Agent }, "/agents");
        var all = (await caps).Value ?? [];
        HasCaps = all.Count > 0;
        CloseCaps = [.. all.Where(cap => cap.Enabled).Select(cap => (Cap: cap, Used: Used(cap))).Where(cap => cap.Used >= Close)
            .OrderByDescending(cap => cap.Used).Take(Top).Select(cap => cap.Cap)];
        Runs = (await runs).Value?.Items ?? [];
        HasNothing = !Filter.IsNarrow && Figures is { CallCount: 0 } && Periods is { Month.CallCount: 0 }
            && (await Api.GetAsync<PageAnswer<RunAnswer>>("/runs/latest?limit=1")).Value is { Items.Count: 0 };
        Problem = (await figures).Problem ?? (await periods).Problem ?? (await series).Problem ?? (await agents).Problem ?? (await caps).Problem ?? (await runs).Problem;
    }

    private static decimal Used(CapAnswer cap) => 100m * (cap.CurrentSpend + cap.Held).Nanos / cap.LimitAmount.Nanos;

    private static IReadOnlyList<Rank> Of(
        IReadOnlyList<NamedFigures>? rows, Func<NamedFigures, string> name, Func<NamedFigures, PageFilter?> filter, string path) =>
        [.. (rows ?? []).Take(Top).Select(row => new Rank(name(row), row.TotalCost, row.Percentage, filter(row)?.On(path)))];
}
