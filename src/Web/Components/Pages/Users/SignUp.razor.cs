using LlmObserve.Web.Api;
using LlmObserve.Web.Clerk;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Makes an account, and shows its first key this once.</summary>
public sealed partial class SignUp : ComponentBase
{
    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiStatus Status { get; set; } = null!;

    [Inject] private SignInWay Way { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [SupplyParameterFromForm] private SignUpForm? Form { get; set; }

    [SupplyParameterFromQuery(Name = "return")] private string? Return { get; set; }

    private ApiProblem? Problem { get; set; }

    private string? Key { get; set; }

    private string SignInLink => Return is null ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(ReturnPath.Of(Return))}";

    private async Task SubmitAsync()
    {
        var answer = await Api.PostAsync<SignedInAnswer>(
            "/auth/signup", new { email = Form?.Email ?? "", password = Form?.Password ?? "", name = Form?.Name });
        Problem = answer.Problem;
        if (answer.Value is { } signedUp)
        {
            // Not a redirect: the key must be in this answer and nowhere else.
            await SessionCookie.SignInAsync(Context, signedUp);
            Key = signedUp.ApiKey?.Key;
        }
    }

    private sealed class SignUpForm
    {
        public string? Name { get; set; }

        public string? Email { get; set; }

        public string? Password { get; set; }
    }
}
