using LlmObserve.Web.Api;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Settings;

/// <summary>A page of several forms: each shows what the API had against it, and a good answer leads to a page that says what was done.</summary>
public abstract class SettingsPage : ComponentBase
{
    private string? _failed;
    private ApiProblem? _problem;

    [CascadingParameter] private protected HttpContext Context { get; set; } = null!;

    [Inject] private protected ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    /// <summary>The layout shows no page without one.</summary>
    private protected Visit Visit { get; private set; } = null!;

    /// <summary>Why something that the page shows could not be read.</summary>
    private protected ApiProblem? Unread { get; set; }

    protected sealed override async Task OnInitializedAsync()
    {
        Visit = (await Visits.GetAsync()).Value!;
        await LoadAsync();
    }

    private protected abstract Task LoadAsync();

    /// <summary>What the API had against a form, if it was sent.</summary>
    private protected ApiProblem? Against(string form) => _failed == form ? _problem : null;

    /// <summary>Shows the problem of a form that was sent.</summary>
    private protected void Refuse(string form, ApiProblem problem) => (_failed, _problem) = (form, problem);

    /// <summary>A fault that the page itself finds.</summary>
    private protected void Refuse(string form, string sentence) => Refuse(form, new ApiProblem(StatusCodes.Status400BadRequest, "invalid", sentence, null));

    /// <summary>The value of an answer; without one the form shows why.</summary>
    private protected T? Take<T>(string form, ApiAnswer<T> answer)
        where T : class
    {
        if (answer.Problem is { } problem)
        {
            Refuse(form, problem);
        }

        return answer.Value;
    }

    /// <summary>Goes to a page that says what was done.</summary>
    private protected void Finish(string path, string done) => Navigation.NavigateTo($"{path}?{DoneSentence.Word}={done}");

    /// <summary>Goes somewhere else.</summary>
    private protected void Leave(string path) => Navigation.NavigateTo(path);

    /// <summary>The same, where the answer is good.</summary>
    private protected void Finish<T>(string form, ApiAnswer<T> answer, string path, string done)
        where T : class
    {
        if (Take(form, answer) is not null)
        {
            Finish(path, done);
        }
    }
}
