using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Settings;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>One API key: changed, followed by the next one, or revoked.</summary>
public sealed partial class OneKey : SettingsPage
{
    /// <summary>From the address.</summary>
    [Parameter] public string Id { get; set; } = "";

    [Inject] private TimeProvider Clock { get; set; } = null!;

    [SupplyParameterFromForm] private KeyTermsForm? Changing { get; set; }

    [SupplyParameterFromForm] private RotatingForm? Rotating { get; set; }

    private KeyAnswer? Key { get; set; }

    private NewKeyAnswer? Rotated { get; set; }

    private bool MayRotate => Key is { RotatedTo: null } key && !(key.ExpiresAt <= Clock.GetUtcNow());

    private string Path => $"/api-keys/{Uri.EscapeDataString(Id)}";

    private protected override async Task LoadAsync()
    {
        if (Visit.May(AccountRole.Member))
        {
            var answer = await Api.GetAsync<IReadOnlyList<KeyAnswer>>("/api-keys");
            (Key, Unread) = (answer.Value?.FirstOrDefault(key => key.Id == Id), answer.Problem);
        }
    }

    private async Task ChangeAsync() => Finish(
        "change", await Api.PatchAsync<KeyAnswer>(Path, (Changing ?? new KeyTermsForm()).ToChange(Key!, Visit.Zone)), SettingsPlaces.Keys, "key");

    private async Task RotateAsync() => Rotated = Take(
        "rotate", await Api.PostAsync<NewKeyAnswer>($"{Path}/rotate", new { overlap_seconds = Rotating?.Seconds ?? Overlap.Day }));

    private async Task RevokeAsync() => Finish("revoke", await Api.DeleteAsync<DoneAnswer>(Path), SettingsPlaces.Keys, "revoked");

    private sealed class RotatingForm
    {
        public long? Seconds { get; set; }
    }
}
