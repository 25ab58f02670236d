using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Sets a new password by the link of a mail.</summary>
public sealed partial class Reset : ComponentBase
{
    private bool _done;

    [Inject] private ApiClient Api { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "token")] private string? Token { get; set; }

    [SupplyParameterFromForm] private ResetForm? Form { get; set; }

    private ApiProblem? Problem { get; set; }

    private async Task SubmitAsync()
    {
        var answer = await Api.PostAsync<DoneAnswer>("/auth/password/reset", new { token = Form?.Token ?? "", password = Form?.Password ?? "" });
        Problem = answer.Problem;
        _done = answer.Value is not null;
    }

    private sealed class ResetForm
    {
        public string? Token { get; set; }

        public string? Password { get; set; }
    }
}
