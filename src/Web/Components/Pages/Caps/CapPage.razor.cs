using LlmObserve.Domain.Caps;
using LlmObserve.Web.Api;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Caps;

/// <summary>One cap: where it stands, what it would have done, and changing it.</summary>
public sealed partial class CapPage : ComponentBase
{
    [Parameter] public string Id { get; set; } = "";

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm(FormName = "cap")] private CapForm? Form { get; set; }

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private CapAnswer? Cap { get; set; }

    /// <summary>What stands in the form: what was typed, or what the cap has.</summary>
    private CapForm Typed { get; set; } = new();

    private PreviewAnswer? Preview { get; set; }

    /// <summary>The preview is of values that are not saved.</summary>
    private bool IsTried { get; set; }

    private string Path => $"/caps/{Uri.EscapeDataString(Id)}";

    protected override async Task OnInitializedAsync()
    {
        if ((Visit = (await Visits.GetAsync()).Value) is null)
        {
            return;
        }

        // What the API answers elsewhere below /caps is no cap.
        var answer = CapId.TryParse(Id, out _) ? await Api.GetAsync<CapAnswer>(Path) : new ApiAnswer<CapAnswer>(null, ApiProblem.Unknown("There is no cap of this id."));
        (Cap, Problem) = (answer.Value, answer.Problem);
        if (Cap is not { } cap)
        {
            Context.Response.AnswerWith(Problem!.Status == 0 ? StatusCodes.Status503ServiceUnavailable : Problem.Status);
            return;
        }

        Typed = Form is null ? CapForm.Of(cap) : WithScopeOf(cap, Form);
        if (Form is null)
        {
            Preview = (await Api.PostAsync<PreviewAnswer>("/caps/preview", Typed.ToNew())).Value;
        }
    }

    private async Task SubmitAsync()
    {
        if (Typed.Step == "preview")
        {
            var preview = await Api.PostAsync<PreviewAnswer>("/caps/preview", Typed.ToNew());
            (Preview, Problem, IsTried) = (preview.Value, preview.Problem, true);
            return;
        }

        Done(await Api.PatchAsync<CapAnswer>(Path, Typed.ToChange()), Path);
    }

    private async Task RemoveAsync() => Done(await Api.DeleteAsync<DoneAnswer>(Path), "/caps");

    private void Done<T>(ApiAnswer<T> answer, string next)
        where T : class
    {
        Problem = answer.Problem;
        if (answer.Value is not null)
        {
            Navigation.NavigateTo(next);
        }
    }

    private static CapForm WithScopeOf(CapAnswer cap, CapForm typed)
    {
        var scope = CapForm.Of(cap);
        (typed.Type, typed.Target, typed.SubScope, typed.SubTarget, typed.Period) = (scope.Type, scope.Target, scope.SubScope, scope.SubTarget, scope.Period);
        return typed;
    }
}
