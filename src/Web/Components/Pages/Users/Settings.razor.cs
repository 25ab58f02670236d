using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Who is signed in, a key that nobody has seen yet, and signing out.</summary>
public sealed partial class Settings : ComponentBase
{
    private bool _sent;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private MeAnswer? Me { get; set; }

    private ApiProblem? Problem { get; set; }

    private string? Key { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var answer = await Api.GetAsync<MeAnswer>("/auth/me");
        (Me, Problem) = (answer.Value, answer.Problem);
        if (Problem?.Status == StatusCodes.Status401Unauthorized)
        {
            // Signed out elsewhere: the cookie does not know yet.
            await Context.SignOutAsync();
            Navigation.NavigateTo("/sign-in?return=/settings");
        }
    }

    private async Task ResendAsync()
    {
        var answer = await Api.PostAsync<DoneAnswer>("/auth/verify/resend");
        Problem = answer.Problem;
        _sent = answer.Value is not null;
    }

    private async Task RevealAsync()
    {
        var answer = await Api.PostAsync<NewKeyAnswer>("/auth/unseen-key");
        Problem = answer.Problem;
        Key = answer.Value?.Key;
    }
}
