using System.Globalization;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Caps;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Caps;

/// <summary>Every cap and where it stands. The API answers all of them at once, so that order, search and pages are made here.</summary>
public sealed partial class CapList : ComponentBase
{
    private const string ByUsed = "used";

    /// <summary>Rows of a page: two screenfuls.</summary>
    private const int Rows = 50;

    private static readonly (string Word, string Name, bool Numeric)[] Columns =
        [("name", "Cap", false), (ByUsed, "Used", true), ("limit", "Limit", true), ("remaining", "Left", true)];

    private static readonly (string Word, string Name)[] States =
        [("", "All"), ("exceeded", "At the limit"), ("near", "Past a threshold"), ("hard", "Blocking"), ("off", "Switched off")];

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private IReadOnlyList<CapAnswer> All { get; set; } = [];

    private IReadOnlyList<CapAnswer> Found { get; set; } = [];

    private IEnumerable<CapAnswer> Shown => Found.Skip((Page - 1) * Rows).Take(Rows);

    private string Sort { get; set; } = ByUsed;

    private string? Search { get; set; }

    private string State { get; set; } = "";

    private int Page { get; set; } = 1;

    private int Pages => (Found.Count + Rows - 1) / Rows;

    protected override async Task OnInitializedAsync()
    {
        var query = Context.Request.Query;
        Sort = PageFilter.Text(query, "sort") is { } sort && Columns.Any(column => column.Word == sort) ? sort : ByUsed;
        State = PageFilter.Text(query, "state") is { } state && States.Any(known => known.Word == state) ? state : "";
        Search = PageFilter.Text(query, "q");
        Visit = (await Visits.GetAsync()).Value;
        if (Visit is null)
        {
            return;
        }

        var answer = await Api.GetAsync<IReadOnlyList<CapAnswer>>("/caps/");
        Problem = answer.Problem;
        All = answer.Value ?? [];
        Found = [.. Ordered(All.Where(IsWanted))];
        var page = int.TryParse(PageFilter.Text(query, "page"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        Page = Math.Clamp(page, 1, Math.Max(1, Pages));
    }

    private bool IsWanted(CapAnswer cap) =>
        (Search is null || CapName.Of(cap).Contains(Search, StringComparison.OrdinalIgnoreCase)) && State switch
        {
            "exceeded" => cap.Enabled && cap.CurrentSpend >= cap.LimitAmount,
            "near" => cap.Enabled && cap.IsPastAThreshold,
            "hard" => cap.Enabled && cap.IsHard,
            "off" => !cap.Enabled,
            _ => true,
        };

    private IEnumerable<CapAnswer> Ordered(IEnumerable<CapAnswer> caps) => Sort switch
    {
        "name" => caps.OrderBy(CapName.Of, StringComparer.OrdinalIgnoreCase),
        "limit" => caps.OrderByDescending(cap => cap.LimitAmount).ThenBy(CapName.Of, StringComparer.OrdinalIgnoreCase),
        "remaining" => caps.OrderByDescending(cap => cap.Remaining).ThenBy(CapName.Of, StringComparer.OrdinalIgnoreCase),
        _ => caps.OrderByDescending(cap => cap.PercentageUsed).ThenBy(CapName.Of, StringComparer.OrdinalIgnoreCase),
    };

    private string Address(string? sort = null, int page = 1)
    {
        var query = QueryText.Of(
            ("q", Search), ("state", State), ("sort", (sort ?? Sort) == ByUsed ? null : sort ?? Sort), ("page", page == 1 ? null : $"{page}"));
        return query.Length == 0 ? "/caps" : $"/caps?{query}";
    }
}
