using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Settings;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>The account's API keys. The text of a new one is in the answer to its form and nowhere else.</summary>
public sealed partial class Keys : SettingsPage
{
    [SupplyParameterFromForm] private KeyTermsForm? Making { get; set; }

    private IReadOnlyList<KeyAnswer> Items { get; set; } = [];

    private NewKeyAnswer? Made { get; set; }

    /// <summary>What was typed stays where the API had something against it.</summary>
    private KeyTermsForm Fields => Made is null && Making is { } typed ? typed : KeyTermsForm.ForAClient();

    private protected override async Task LoadAsync()
    {
        if (Visit.May(AccountRole.Member))
        {
            var answer = await Api.GetAsync<IReadOnlyList<KeyAnswer>>("/api-keys");
            (Items, Unread) = (answer.Value ?? [], answer.Problem);
        }
    }

    private async Task MakeAsync()
    {
        Made = Take("make", await Api.PostAsync<NewKeyAnswer>("/api-keys", (Making ?? new KeyTermsForm()).ToNew(Visit.Zone)));
        if (Made is not null)
        {
            await LoadAsync();
        }
    }
}
