using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>Confirms an address by the link of a mail. By a button: programs that look into mails follow links too, and each works once.</summary>
public sealed partial class Verify : ComponentBase
{
    private bool _done;

    [Inject] private ApiClient Api { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "token")] private string? Token { get; set; }

    [SupplyParameterFromForm] private VerifyForm? Form { get; set; }

    private ApiProblem? Problem { get; set; }

    private async Task SubmitAsync()
    {
        var answer = await Api.PostAsync<DoneAnswer>("/auth/verify", new { token = Form?.Token ?? "" });
        Problem = answer.Problem;
        _done = answer.Value is not null;
    }

    private sealed class VerifyForm
    {
        public string? Token { get; set; }
    }
}
