using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Settings;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>The people of the account, and those who are invited.</summary>
public sealed partial class Members : SettingsPage
{
    [SupplyParameterFromForm] private InvitingForm? Inviting { get; set; }

    [SupplyParameterFromForm] private WithdrawingForm? Withdrawing { get; set; }

    private IReadOnlyList<MemberAnswer> Items { get; set; } = [];

    private IReadOnlyList<OpenInvitationAnswer> Invitations { get; set; } = [];

    private MemberRights Rights { get; set; } = null!;

    private string Path => $"/tenants/{Visit.Account.Id}";

    private protected override async Task LoadAsync()
    {
        Rights = new MemberRights(Visit, []);
        var members = Api.GetAsync<ItemsAnswer<MemberAnswer>>($"{Path}/members");
        if (Visit.May(AccountRole.Admin))
        {
            var invitations = await Api.GetAsync<ItemsAnswer<OpenInvitationAnswer>>($"{Path}/invitations");
            (Invitations, Unread) = (invitations.Value?.Items ?? [], invitations.Problem);
        }

        var answer = await members;
        Items = answer.Value?.Items ?? [];
        Unread ??= answer.Problem;
        Rights = new MemberRights(Visit, Items);
    }

    private async Task InviteAsync()
    {
        var body = new { email = Inviting?.Email ?? "", role = Inviting?.Role ?? "" };
        if (Take("invite", await Api.PostAsync<OpenInvitationAnswer>($"{Path}/invitations", body)) is { } invited)
        {
            Finish(SettingsPlaces.Members, invited.MailQueued == false ? "invited-later" : "invited");
        }
    }

    private async Task WithdrawAsync() => Finish(
        "withdraw",
        await Api.DeleteAsync<DoneAnswer>($"{Path}/invitations/{Uri.EscapeDataString(Withdrawing?.Id ?? "")}"),
        SettingsPlaces.Members,
        "withdrawn");

    private async Task LeaveAsync()
    {
        if (Take("leave", await Api.DeleteAsync<DoneAnswer>($"{Path}/members/{Visit.User.Id}")) is not null)
        {
            await SessionCookie.ReopenAsync(Context, Api);
            Finish(SettingsPlaces.Members, "left");
        }
    }

    private sealed class InvitingForm
    {
        public string? Email { get; set; }

        public string? Role { get; set; }
    }

    private sealed class WithdrawingForm
    {
        public string? Id { get; set; }
    }
}
