using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Onboarding;

/// <summary>Whether the account has had an event, and what the latest was. Its place is the same on every page, so that a refresh may come from another.</summary>
public sealed partial class FirstEvent : ComponentBase
{
    /// <summary>Of an account that was made just now: it has none, and its session is not to be had in this request yet.</summary>
    [Parameter] public bool IsNew { get; set; }

    /// <summary>Whether the person may go on with a cap.</summary>
    [Parameter] public bool MaySetCap { get; set; }

    [Inject] private ApiClient Api { get; set; } = null!;

    private Usd? Cost { get; set; }

    private string? Model { get; set; }

    protected override async Task OnInitializedAsync()
    {
        if (IsNew || (await Api.GetAsync<PageAnswer<RunAnswer>>("/runs/latest?limit=1")).Value?.Items is not [var run, ..])
        {
            return;
        }

        Cost = run.TotalCost;
        if ((await Api.GetAsync<CallsAnswer>($"/runs/{Uri.EscapeDataString(run.RunId)}")).Value?.Events is [.., var call])
        {
            (Cost, Model) = (call.CostUsd, call.Model ?? call.Provider);
        }
    }

    private sealed record CallsAnswer(IReadOnlyList<CallAnswer> Events);

    private sealed record CallAnswer(string Provider, string? Model, Usd CostUsd);
}
