using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Charts;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Formats;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Customers;

/// <summary>One customer: cost, trend, margin, caps.</summary>
public sealed partial class CustomerPage : ComponentBase
{
    private const int Top = 8;

    private const string Folder = "/customers";

    /// <summary>The route needs it; <see cref="Id"/> is what it says.</summary>
    [Parameter] public string? CustomerId { get; set; }

    /// <summary>The account's own id for its customer: any text, slashes too.</summary>
    private string Id => SentPath.After(Context, Folder + "/");

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm] private CustomerForm? Form { get; set; }

    private PageFilter Filter { get; set; } = new();

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private OverviewAnswer? Figures { get; set; }

    /// <summary>The account's, with the same filter but for the customer.</summary>
    private OverviewAnswer? All { get; set; }

    private TimeSeriesAnswer? Series { get; set; }

    private IReadOnlyList<Rank> Models { get; set; } = [];

    private IReadOnlyList<Rank> Agents { get; set; } = [];

    private IReadOnlyList<CapAnswer> Caps { get; set; } = [];

    private CustomerAnswer? Customer { get; set; }

    private decimal Days { get; set; }

    private string Path => QueryText.Path(Folder, Id) ?? Folder;

    private string Name => Customer?.Name ?? Id;

    protected override async Task OnInitializedAsync()
    {
        Filter = PageFilter.Read(Context.Request.Query);
        if ((Visit = (await Visits.GetAsync()).Value) is not { } visit)
        {
            return;
        }

        Days = Margin.Days(Filter.Range.Window(visit.Zone, visit.Now), visit.Now);
        var window = (Filter with { Customer = Id }).ToApi(visit.Zone, visit.Now);
        var figures = Api.GetAsync<OverviewAnswer>($"/stats/overview?{window}");
        var all = Api.GetAsync<OverviewAnswer>($"/stats/overview?{(Filter with { Customer = null }).ToApi(visit.Zone, visit.Now)}");
        var series = Api.GetAsync<TimeSeriesAnswer>($"/stats/timeseries?group=model&{window}");
        var models = Api.GetAsync<PageAnswer<NamedFigures>>($"/stats/by-model?limit={Top}&{window}");
        var agents = Api.GetAsync<PageAnswer<NamedFigures>>($"/stats/by-agent?limit={Top}&{window}");
        var caps = Api.GetAsync<IReadOnlyList<CapAnswer>>("/caps/");
        var customer = await Api.GetAsync<CustomerAnswer>(Path);
        (Figures, All, Series) = ((await figures).Value, (await all).Value, (await series).Value);
        Models = [.. ((await models).Value?.Items ?? []).Select(row => new Rank(row.Model ?? "no model", row.TotalCost, row.Percentage, null))];
        Agents = [.. ((await agents).Value?.Items ?? []).Select(row => new Rank(row.Agent ?? "no agent", row.TotalCost, row.Percentage, null))];
        Caps = [.. ((await caps).Value ?? []).Where(cap => cap.CapType == "customer" && cap.TargetName == Id)];
        // Nobody has said anything of most customers.
        Customer = customer.Value;
        Problem = (await figures).Problem ?? (await all).Problem ?? (await series).Problem ?? (await models).Problem ?? (await agents).Problem ?? (await caps).Problem
            ?? (customer.Problem is { Status: not StatusCodes.Status404NotFound } problem ? problem : null);
    }

    private async Task SaveAsync()
    {
        var saved = await Api.PutAsync<CustomerAnswer>(Path, new
        {
            name = string.IsNullOrWhiteSpace(Form?.Name) ? null : Form.Name,
            monthly_price_usd = TypedNumber.ToJson(Form?.Price),
        });
        Problem = saved.Problem;
        if (saved.Value is not null)
        {
            Navigation.NavigateTo(Filter.On(Path));
        }
    }

    private sealed class CustomerForm
    {
        public string? Name { get; set; }

        public string? Price { get; set; }
    }
}
