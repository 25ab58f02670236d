using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>The people of an account on the pages, without scripts.</summary>
public sealed class MemberPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Invite_AnAddress_MailsALinkThatCanBeWithdrawn()
    {
        using var team = await Team.GatherAsync(running, "admin");
        using var browser = await team.OpenAsync("admin", "/settings/members");
        var email = $"{Guid.NewGuid():N}@example.com";

        await browser.SubmitAsync("invite", ("Inviting.Email", email), ("Inviting.Role", "viewer"));
        Assert.Equal("/settings/members?done=invited", browser.Path);
        var link = (await new Mailbox(running.Folder).LinkAsync(email, "/invitation")).PathAndQuery;
        var invitations = (await team.SendAsync("admin", HttpMethod.Get, $"tenants/{team.Id}/invitations")).Expect(HttpStatusCode.OK).GetProperty("items");
        var invitation = invitations.EnumerateArray().Single(item => item.GetProperty("email").GetString() == email);
        Assert.Equal("viewer", invitation.GetProperty("role").GetString());
        await browser.SubmitAsync("withdraw", ("Withdrawing.Id", invitation.GetProperty("id").GetString()!));

        Assert.Equal("/settings/members?done=withdrawn", browser.Path);
        await browser.OpenAsync(link);
        Assert.True(browser.Says("No such invitation"), browser.Page);
    }

    [Fact]
    public async Task Invite_AMember_SaysSoAndKeepsWhatWasTyped()
    {
        using var team = await Team.GatherAsync(running, "admin", "viewer");
        using var browser = await team.OpenAsync("admin", "/settings/members");
        var email = team.Account("viewer").Email;

        await browser.SubmitAsync("invite", ("Inviting.Email", email), ("Inviting.Role", "admin"));

        Assert.True(browser.Says("is a member of the account already"), browser.Page);
        Assert.True(browser.Says($"value=\"{email}\""), browser.Page);
        Assert.True(browser.Says("<option value=\"admin\" selected"), browser.Page);
    }

    [Fact]
    public async Task Role_Changed_HoldsAtOnce()
    {
        using var team = await Team.GatherAsync(running, "admin", "viewer");
        using var browser = await team.OpenAsync("admin", $"/settings/members/{team.UserId("viewer")}");
        Assert.False(browser.Says("<option value=\"owner\""), browser.Page);

        await browser.SubmitAsync("role", ("Changing.Role", "member"));

        Assert.Equal("/settings/members?done=role", browser.Path);
        using var changed = await team.OpenAsync("viewer", "/settings/keys");
        Assert.Contains("make", changed.Forms);
    }

    [Fact]
    public async Task Remove_AMember_TakesThemElsewhere()
    {
        using var team = await Team.GatherAsync(running, "admin", "viewer");
        using var removed = await team.OpenAsync("viewer", "/settings/members");
        using var browser = await team.OpenAsync("admin", $"/settings/members/{team.UserId("viewer")}");

        await browser.SubmitAsync("remove");

        Assert.Equal("/settings/members?done=removed", browser.Path);
        await removed.OpenAsync("/settings/members");
        Assert.Equal("/", removed.Path);
        Assert.False(removed.Says(Team.Name), removed.Page);
    }

    [Fact]
    public async Task Leave_AsAViewer_GoesOnInTheOwnAccount()
    {
        using var team = await Team.GatherAsync(running, "viewer");
        using var browser = await team.OpenAsync("viewer", "/settings/members");

        await browser.SubmitAsync("leave");

        Assert.Equal("/settings/members?done=left", browser.Path);
        Assert.False(browser.Says(Team.Name), browser.Page);
        Assert.Contains("invite", browser.Forms);
    }

    [Fact]
    public async Task HandOver_ByTheOwner_MakesThemAnAdmin()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("owner", $"/settings/members/{team.UserId("member")}");

        await browser.SubmitAsync("transfer");

        Assert.Equal("/settings/members?done=owner", browser.Path);
        var members = (await team.SendAsync("owner", HttpMethod.Get, $"tenants/{team.Id}/members")).Expect(HttpStatusCode.OK).GetProperty("items").EnumerateArray()
            .ToDictionary(member => member.GetProperty("user_id").GetString()!, member => member.GetProperty("role").GetString());
        Assert.Equal("admin", members[team.UserId("owner")]);
        Assert.Equal("owner", members[team.UserId("member")]);
    }
}
