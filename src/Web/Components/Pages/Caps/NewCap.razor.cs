using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Caps;

/// <summary>Makes a cap, after a look at what it would have done.</summary>
public sealed partial class NewCap : ComponentBase
{
    private static readonly (string Word, string Name)[] Types =
        [("global", "The whole account"), ("customer", "A customer"), ("agent", "An agent"), ("provider", "A provider"), ("model", "A model")];

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm] private CapForm? Form { get; set; }

    private CapForm Cap { get; set; } = new();

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private PreviewAnswer? Preview { get; set; }

    protected override async Task OnInitializedAsync()
    {
        // A link from a customer's page says which: /caps/new?type=customer&target=acme.
        Cap = Form ?? new CapForm
        {
            Type = PageFilter.Text(Context.Request.Query, "type") ?? "global",
            Target = PageFilter.Text(Context.Request.Query, "target"),
        };
        Visit = (await Visits.GetAsync()).Value;
    }

    private async Task SubmitAsync()
    {
        if (Cap.Step == "preview")
        {
            var preview = await Api.PostAsync<PreviewAnswer>("/caps/preview", Cap.ToNew());
            (Preview, Problem) = (preview.Value, preview.Problem);
            return;
        }

        var made = await Api.PostAsync<CapAnswer>("/caps/", Cap.ToNew());
        Problem = made.Problem;
        if (made.Value is { } cap)
        {
            Navigation.NavigateTo($"/caps/{cap.Id}");
        }
    }
}
