using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Accounts;

public sealed class MembersTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task List_AnyMember_SeesEverybody()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var viewer = await app.SignUpIntoAsync(id, "viewer");

        var list = await viewer.GetAsync($"/tenants/{id}/members");

        Assert.Equal(
            [(owner.Email, "owner"), (viewer.Email, "viewer")],
            list.GetProperty("items").EnumerateArray().Select(member => (member.Text("email"), member.Text("role"))));
        Assert.Equal(await app.UserIdAsync(owner), list.GetProperty("items")[0].Text("user_id"));
    }

    /// <summary>Who may give whom which role; of owners there are two, so that nothing hangs on the last one.</summary>
    [Theory]
    [InlineData("viewer", "viewer", "member", 403)]
    [InlineData("member", "viewer", "member", 403)]
    [InlineData("member", "viewer", "viewer", 403)]
    [InlineData("admin", "viewer", "member", 200)]
    [InlineData("admin", "viewer", "admin", 200)]
    [InlineData("admin", "admin", "viewer", 200)]
    [InlineData("admin", "viewer", "owner", 403)]
    [InlineData("admin", "owner", "admin", 403)]
    [InlineData("admin", "owner", "owner", 403)]
    [InlineData("owner", "viewer", "owner", 200)]
    [InlineData("owner", "owner", "viewer", 200)]
    public async Task Change_EveryRole_DoesWhatItMay(string by, string from, string to, int status)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var actor = await app.SignUpIntoAsync(id, by);
        using var member = await app.SignUpIntoAsync(id, from);
        var user = await app.UserIdAsync(member);

        var answer = await actor.SetRoleAsync(id, user, to, status);

        Assert.Equal(status == 200 ? to : "missing-role", answer.Text(status == 200 ? "role" : "code"));
        Assert.Equal(status == 200 ? to : from, await owner.RoleAsync(id, user));
        var audited = (await app.AuditAsync(id)).Where(act => act.Action == "member.updated").ToList();
        Assert.Equal(status == 200 && from != to ? 1 : 0, audited.Count);
        Assert.All(audited, act => Assert.Equal(
            (actor.Email, user, $$"""{"role": "{{from}}"}""", $$"""{"role": "{{to}}"}"""), (act.ActorName, act.ObjectId, act.Before, act.After)));
    }

    [Theory]
    [InlineData("viewer", "viewer", 403)]
    [InlineData("member", "viewer", 403)]
    [InlineData("admin", "admin", 200)]
    [InlineData("admin", "owner", 403)]
    [InlineData("owner", "owner", 200)]
    public async Task Remove_EveryRole_DoesWhatItMay(string by, string target, int status)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var actor = await app.SignUpIntoAsync(id, by);
        using var member = await app.SignUpIntoAsync(id, target);
        var user = await app.UserIdAsync(member);

        await actor.RemoveAsync(id, user, status);

        Assert.Equal(status == 200 ? null : target, await owner.RoleAsync(id, user));
        Assert.Equal(status == 200 ? 1 : 0, (await app.AuditAsync(id)).Count(act => act.Action == "member.removed" && act.ObjectId == user));
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("member")]
    [InlineData("admin")]
    [InlineData("owner")]
    public async Task Remove_Oneself_LeavesWhateverTheRole(string role)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(id, role);
        using var there = await app.SwitchedAsync(member, id);
        await there.GetAsync("/caps/").JsonAsync();

        await member.RemoveAsync(id, await app.UserIdAsync(member));

        Assert.Equal("not-a-member", (await there.GetAsync("/caps/").JsonAsync(401)).Text("code"));
        await member.GetAsync("/tenants/" + id, 404);
        Assert.Equal("member.left", (await app.AuditAsync(id))[^1].Action);
    }

    [Fact]
    public async Task Change_RoleOfSomebodySignedIn_HoldsAtTheNextRequest()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(id, "member");
        var user = await app.UserIdAsync(member);
        using var there = await app.SwitchedAsync(member, id);
        await there.PostAsJsonAsync("/api-keys", new { name = "one" }).JsonAsync();

        await owner.SetRoleAsync(id, user, "viewer");
        Assert.Equal("missing-role", (await there.PostAsJsonAsync("/api-keys", new { name = "two" }).JsonAsync(403)).Text("code"));
        await owner.SetRoleAsync(id, user, "admin");
        await there.PatchAsJsonAsync("/caps/settings", new { unpriced_policy = "deny" }).JsonAsync();
    }

    [Fact]
    public async Task Remove_MemberWithKeyAndSession_ClosesTheSessionAndKeepsTheKey()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(id, "member");
        using var there = await app.SwitchedAsync(member, id);
        var key = await there.PostAsJsonAsync("/api-keys", new { name = "CI" }).JsonAsync();
        using var sdk = app.With(key.Text("key"));

        await owner.RemoveAsync(id, await app.UserIdAsync(member));

        Assert.Equal("not-a-member", (await there.GetAsync("/caps/").JsonAsync(401)).Text("code"));
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(201);
        await member.GetAsync("/auth/me");
    }

    [Fact]
    public async Task LastOwner_CanNeitherLeaveNorBeDemotedNorRemoved()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var admin = await app.SignUpIntoAsync(id, "admin");
        var user = await app.UserIdAsync(owner);

        Assert.Equal("last-owner", (await owner.RemoveAsync(id, user, 409)).Text("code"));
        Assert.Equal("last-owner", (await owner.SetRoleAsync(id, user, "admin", 409)).Text("code"));
        Assert.Equal("missing-role", (await admin.RemoveAsync(id, user, 403)).Text("code"));
        await owner.SetRoleAsync(id, user, "owner");
        Assert.Equal("owner", await owner.RoleAsync(id, user));
    }

    [Fact]
    public async Task PersonalAccount_WithOtherMembers_KeepsItsOneOwner()
    {
        using var person = await app.SignUpAsync();
        var id = await app.PersonalAccountAsync(person);
        using var admin = await app.SignUpIntoAsync(id, "admin");
        var (user, other) = (await app.UserIdAsync(person), await app.UserIdAsync(admin));

        Assert.Equal("personal-account", (await person.RemoveAsync(id, user, 409)).Text("code"));
        Assert.Equal("personal-account", (await person.SetRoleAsync(id, user, "admin", 409)).Text("code"));
        Assert.Equal("personal-account", (await person.SetRoleAsync(id, other, "owner", 409)).Text("code"));
        Assert.Equal("personal-account", (await person.TransferAsync(id, other, 409)).Text("code"));
        Assert.False((await admin.GetAsync("/tenants/" + id)).GetProperty("is_personal").GetBoolean());
        await admin.RemoveAsync(id, other);
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("member")]
    [InlineData("admin")]
    public async Task Transfer_NotAnOwner_IsRefused(string role)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var actor = await app.SignUpIntoAsync(id, role);

        Assert.Equal("missing-role", (await actor.TransferAsync(id, await app.UserIdAsync(actor), 403)).Text("code"));
    }

    [Fact]
    public async Task Transfer_ToAMember_SwapsInOneStep()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(id, "viewer");
        var (from, to) = (await app.UserIdAsync(owner), await app.UserIdAsync(member));

        var answer = await owner.TransferAsync(id, to);

        Assert.Equal("owner", answer.Text("role"));
        Assert.Equal(("admin", "owner"), (await owner.RoleAsync(id, from), await owner.RoleAsync(id, to)));
        Assert.Equal("missing-role", (await owner.TransferAsync(id, from, 403)).Text("code"));
        var audited = (await app.AuditAsync(id))[^1];
        Assert.Equal("account.ownership_transferred", audited.Action);
        Assert.Contains(from, audited.Before!, StringComparison.Ordinal);
        Assert.Contains(to, audited.After!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transfer_ToSomebodyElse_IsRefused()
    {
        using var owner = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();

        var theirs = await owner.TransferAsync(id, await app.UserIdAsync(stranger), 404);
        var nobodys = await owner.TransferAsync(id, Guid.NewGuid().ToString("N"), 404);

        Assert.Equal(nobodys.GetRawText(), theirs.GetRawText());
        Assert.Equal([("user_id", "required")], (await owner.Session.PostAsJsonAsync($"/tenants/{id}/transfer", new { }).JsonAsync(422)).Faults());
        Assert.Equal([("role", "unknown-value")], (await owner.SetRoleAsync(id, await app.UserIdAsync(owner), "king", 422)).Faults());
    }

    [Fact]
    public async Task Leave_BothOwnersAtOnce_OneStays()
    {
        for (var round = 0; round < 5; round++)
        {
            using var one = await app.SignUpAsync();
            var id = await one.MakeAccountAsync();
            using var two = await app.SignUpIntoAsync(id, "owner");
            var (first, second) = (await app.UserIdAsync(one), await app.UserIdAsync(two));

            var statuses = await Task.WhenAll(
                StatusAsync(one.Session.DeleteAsync($"/tenants/{id}/members/{first}")),
                StatusAsync(two.Session.DeleteAsync($"/tenants/{id}/members/{second}")));

            Assert.Equal([200, 409], statuses.Order());
            Assert.Equal(1, await app.ScalarAsync<long>($"SELECT count(*) FROM memberships WHERE account_id = '{id}' AND role = 'owner'"));
        }
    }

    [Fact]
    public async Task Transfer_WhileTheOtherLeaves_LeavesAnOwner()
    {
        for (var round = 0; round < 5; round++)
        {
            using var owner = await app.SignUpAsync();
            var id = await owner.MakeAccountAsync();
            using var member = await app.SignUpIntoAsync(id, "member");
            var user = await app.UserIdAsync(member);

            var answers = await Task.WhenAll(
                StatusAsync(owner.Session.PostAsJsonAsync($"/tenants/{id}/transfer", new { user_id = user })),
                StatusAsync(member.Session.DeleteAsync($"/tenants/{id}/members/{user}")));

            // Whoever comes second: an owner who is the only one stays, and who has left is handed nothing.
            Assert.Contains((answers[0], answers[1]), new[] { (200, 409), (404, 200) });
            Assert.Equal(1, await app.ScalarAsync<long>($"SELECT count(*) FROM memberships WHERE account_id = '{id}' AND role = 'owner'"));
        }
    }

    private static async Task<int> StatusAsync(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        return (int)answer.StatusCode;
    }
}
