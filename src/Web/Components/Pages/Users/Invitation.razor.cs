using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Users;

/// <summary>What the link of an invitation leads to.</summary>
public sealed partial class Invitation : ComponentBase
{
    private bool _accepted;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    // In the query, not the path: logs of proxies keep paths.
    [SupplyParameterFromQuery(Name = "token")] private string? Token { get; set; }

    private InvitationAnswer? Invited { get; set; }

    private ApiProblem? Problem { get; set; }

    private bool IsSignedIn => Context.User.Identity?.IsAuthenticated == true;

    private string Here => Uri.EscapeDataString($"/invitation?token={Uri.EscapeDataString(Token ?? "")}");

    protected override async Task OnInitializedAsync()
    {
        var answer = await Api.PostAsync<InvitationAnswer>("/invitations/preview", new { token = Token ?? "" });
        (Invited, Problem) = (answer.Value, answer.Problem);
    }

    private async Task AcceptAsync()
    {
        var answer = await Api.PostAsync<DoneAnswer>("/invitations/accept", new { token = Token ?? "" });
        Problem = answer.Problem;
        _accepted = answer.Value is not null;
    }
}
