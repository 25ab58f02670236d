using LlmObserve.Web.Api;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>How a program sends its first event, and whether it has come.</summary>
public sealed partial class Onboarding : ComponentBase
{
    /// <summary>Of a key that is made here; its owner gives it a better one when they know what uses it.</summary>
    private const string KeyName = "First program";

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Client { get; set; } = null!;

    [Inject] private ApiStatus Status { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private Visit? Visit { get; set; }

    private string Api => Status.AddressFor(Context.Request);

    private string? Key { get; set; }

    private ApiProblem? Problem { get; set; }

    protected override async Task OnInitializedAsync() => Visit = (await Visits.GetAsync()).Value;

    private async Task FillAsync()
    {
        var answer = Visit is { HasUnseenKey: true }
            ? await Client.PostAsync<NewKeyAnswer>("/auth/unseen-key")
            : await Client.PostAsync<NewKeyAnswer>("/api-keys", new { name = KeyName });
        (Key, Problem) = (answer.Value?.Key, answer.Problem);
    }
}
