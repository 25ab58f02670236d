using LlmObserve.Web.Api;
using LlmObserve.Web.Clerk;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Signs a person in with address and password.</summary>
public sealed partial class SignIn : ComponentBase
{
    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private SignInWay Way { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm] private SignInForm? Form { get; set; }

    [SupplyParameterFromQuery(Name = "return")] private string? Return { get; set; }

    private ApiProblem? Problem { get; set; }

    private string SignUpLink => Return is null ? "/sign-up" : $"/sign-up?return={Uri.EscapeDataString(ReturnPath.Of(Return))}";

    private async Task SubmitAsync()
    {
        var answer = await Api.PostAsync<SignedInAnswer>("/auth/login", new { email = Form?.Email ?? "", password = Form?.Password ?? "" });
        Problem = answer.Problem;
        if (answer.Value is { } signedIn)
        {
            await SessionCookie.SignInAsync(Context, signedIn);
            Navigation.NavigateTo(ReturnPath.Of(Return));
        }
    }

    private sealed class SignInForm
    {
        public string? Email { get; set; }

        public string? Password { get; set; }
    }
}
