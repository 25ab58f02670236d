using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Charts;
using LlmObserve.Web.Components.Traces;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>One run: its totals, what they consist of, and its calls on a time axis.</summary>
public sealed partial class Run : ComponentBase
{
    /// <summary>Customers that are named in the head; a run nearly always has one.</summary>
    private const int NamedCustomers = 3;

    /// <summary>Rows of each list: what fits beside the others.</summary>
    private const int Top = 8;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    /// <summary>The route needs it; <see cref="Id"/> is what it says.</summary>
    [Parameter] public string? RunId { get; set; }

    private string Id => SentPath.LastOf(Context);

    private Visit? Visit { get; set; }

    private RunDetailAnswer? Found { get; set; }

    private ApiProblem? Problem { get; set; }

    private Trace Trace { get; set; } = Trace.Empty;

    private bool IsUnknown { get; set; }

    protected override async Task OnInitializedAsync()
    {
        if ((Visit = (await Visits.GetAsync()).Value) is null)
        {
            return;
        }

        if (RunIds.MayBe(Id))
        {
            var answer = await Api.GetAsync<RunDetailAnswer>($"/runs/{Uri.EscapeDataString(Id)}");
            (Found, Problem) = (answer.Value, answer.Problem);
            Trace = Trace.Of(Found?.Events ?? []);
        }

        if (Found is null && Problem?.Status is null or StatusCodes.Status404NotFound)
        {
            IsUnknown = true;
            Context.Response.AnswerWith(StatusCodes.Status404NotFound);
        }
        else if (Problem is { } problem)
        {
            Context.Response.AnswerWith(problem.Status == 0 ? StatusCodes.Status503ServiceUnavailable : problem.Status);
        }
    }

    /// <summary>Calls that are not shown may have begun earlier, but of those only the end is known.</summary>
    private DateTimeOffset Began(RunDetailAnswer run) => Trace.Lines.Count > 0 && Trace.Start < run.StartedAt ? Trace.Start : run.StartedAt;

    private decimal DurationMs(RunDetailAnswer run) => (decimal)(run.EndedAt - Began(run)).Ticks / TimeSpan.TicksPerMillisecond;

    private string Customers(RunDetailAnswer run)
    {
        var customers = Trace.Lines.Select(line => line.Call.CustomerId).OfType<string>().Distinct().ToList();
        return customers switch
        {
            [] => run.EventsTruncated ? "" : "for no customer",
            { Count: <= NamedCustomers } => $"for {string.Join(", ", customers)}",
            _ => $"for {customers.Count} customers",
        };
    }

    private static IReadOnlyList<Rank> Ranks(IReadOnlyList<RunPartAnswer> parts, Func<RunPartAnswer, string?> name, string nameless) =>
        [.. parts.Take(Top).Select(part => new Rank(name(part) is { Length: > 0 } text ? text : nameless, part.TotalCost, part.Percentage, null))];
}
