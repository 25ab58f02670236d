using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Asks for a link to a new password. Says the same whether or not somebody has the address.</summary>
public sealed partial class Forgot : ComponentBase
{
    private bool _sent;

    [Inject] private ApiClient Api { get; set; } = null!;

    [SupplyParameterFromForm] private ForgotForm? Form { get; set; }

    private ApiProblem? Problem { get; set; }

    private async Task SubmitAsync()
    {
        var answer = await Api.PostAsync<DoneAnswer>("/auth/password/forgot", new { email = Form?.Email ?? "" });
        Problem = answer.Problem;
        _sent = answer.Value is not null;
    }

    private sealed class ForgotForm
    {
        public string? Email { get; set; }
    }
}
