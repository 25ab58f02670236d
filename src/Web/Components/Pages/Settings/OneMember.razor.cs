using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Settings;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>One member: another role, the account handed over, or removed.</summary>
public sealed partial class OneMember : SettingsPage
{
    /// <summary>From the address.</summary>
    [Parameter] public string Id { get; set; } = "";

    [SupplyParameterFromForm] private RoleForm? Changing { get; set; }

    private MemberAnswer? Member { get; set; }

    private MemberRights Rights { get; set; } = null!;

    private string Account => $"/tenants/{Visit.Account.Id}";

    private string Path => $"{Account}/members/{Uri.EscapeDataString(Id)}";

    private protected override async Task LoadAsync()
    {
        Rights = new MemberRights(Visit, []);
        var answer = await Api.GetAsync<ItemsAnswer<MemberAnswer>>($"{Account}/members");
        var members = answer.Value?.Items ?? [];
        (Member, Unread) = (members.FirstOrDefault(member => member.UserId == Id), answer.Problem);
        Rights = new MemberRights(Visit, members);
    }

    private async Task ChangeAsync() =>
        Finish("role", await Api.PatchAsync<MemberAnswer>(Path, new { role = Changing?.Role ?? "" }), SettingsPlaces.Members, "role");

    private async Task TransferAsync() =>
        Finish("transfer", await Api.PostAsync<MemberAnswer>($"{Account}/transfer", new { user_id = Id }), SettingsPlaces.Members, "owner");

    private async Task RemoveAsync() => Finish("remove", await Api.DeleteAsync<DoneAnswer>(Path), SettingsPlaces.Members, "removed");

    private sealed class RoleForm
    {
        public string? Role { get; set; }
    }
}
