using LlmObserve.Web.Api;
using LlmObserve.Web.Clerk;
using LlmObserve.Web.Components.Settings;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>Who is signed in, where, and with what password.</summary>
public sealed partial class Profile : SettingsPage
{
    [Inject] private SignInWay Way { get; set; } = null!;

    [SupplyParameterFromForm] private NamingForm? Naming { get; set; }

    [SupplyParameterFromForm] private PasswordsForm? Passwords { get; set; }

    [SupplyParameterFromForm] private EndingForm? Ending { get; set; }

    [SupplyParameterFromForm] private DeletingForm? Deleting { get; set; }

    /// <summary>Without, an identity provider keeps passwords and sessions.</summary>
    private bool TakesPasswords => Way.Clerk is null;

    private IReadOnlyList<SessionAnswer> Sessions { get; set; } = [];

    private string? Key { get; set; }

    private protected override async Task LoadAsync()
    {
        if (TakesPasswords)
        {
            var answer = await Api.GetAsync<IReadOnlyList<SessionAnswer>>("/auth/sessions");
            (Sessions, Unread) = (answer.Value ?? [], answer.Problem);
        }
    }

    private async Task RevealAsync() => Key = Take("reveal", await Api.PostAsync<NewKeyAnswer>("/auth/unseen-key"))?.Key;

    private async Task RenameAsync() =>
        Finish("name", await Api.PatchAsync<UserAnswer>("/auth/me", new { name = Naming?.Name }), SettingsPlaces.Profile, "name");

    private async Task ResendAsync() =>
        Finish("resend", await Api.PostAsync<DoneAnswer>("/auth/verify/resend"), SettingsPlaces.Profile, "mailed");

    private async Task ChangePasswordAsync() => Finish(
        "password",
        await Api.PostAsync<DoneAnswer>(
            "/auth/password/change", new { current_password = Passwords?.Current ?? "", new_password = Passwords?.Next ?? "" }),
        SettingsPlaces.Profile,
        "password");

    private async Task EndAsync() => Finish(
        "session", await Api.DeleteAsync<DoneAnswer>($"/auth/sessions/{Uri.EscapeDataString(Ending?.Id ?? "")}"), SettingsPlaces.Profile, "session");

    private async Task EndOthersAsync() => Finish(
        "sessions", await Api.PostAsync<DoneAnswer>("/auth/logout-everywhere", new { keep_current = true }), SettingsPlaces.Profile, "sessions");

    private async Task DeleteAsync()
    {
        if (Deleting?.Sure != true)
        {
            Refuse("delete", "Say that you know that there is no way back.");
            return;
        }

        if (Take("delete", await Api.DeleteAsync<DoneAnswer>("/auth/me", new { password = Deleting.Password ?? "" })) is not null)
        {
            await Context.SignOutAsync();
            ClerkSession.Forget(Context);
            Leave("/welcome");
        }
    }

    private sealed class NamingForm
    {
        public string? Name { get; set; }
    }

    private sealed class PasswordsForm
    {
        public string? Current { get; set; }

        public string? Next { get; set; }
    }

    private sealed class EndingForm
    {
        public string? Id { get; set; }
    }

    private sealed class DeletingForm
    {
        public string? Password { get; set; }

        public bool Sure { get; set; }
    }
}
