using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Storage.Accounts;

namespace LlmObserve.Api.Tests.Accounts;

public sealed class ClosingTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Close_AccountInUse_ShutsSessionsAndKeysOutAtOnce()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(id, "member");
        using var there = await app.SwitchedAsync(member, id);
        var key = await there.PostAsJsonAsync("/api-keys", new { name = "CI" }).JsonAsync();
        using var sdk = app.With(key.Text("key"));
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(201);
        await sdk.GetAsync("/caps/check").JsonAsync();

        var closed = await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();

        Assert.Equal(AccountEnd.Grace, closed.GetProperty("purge_at").GetDateTimeOffset() - closed.GetProperty("closed_at").GetDateTimeOffset());
        Assert.Equal("unknown-key", (await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(401)).Text("code"));
        Assert.Equal("unknown-key", (await sdk.GetAsync("/caps/check").JsonAsync(401)).Text("code"));
        Assert.Equal("not-a-member", (await there.GetAsync("/caps/").JsonAsync(401)).Text("code"));
        await member.GetAsync("/tenants/" + id, 404);
        Assert.Single((await member.GetAsync("/tenants")).GetProperty("items").EnumerateArray());
        // Its owner sees it, and may do nothing with it but take it back.
        var listed = (await owner.GetAsync("/tenants")).GetProperty("items").EnumerateArray().Single(item => item.Text("id") == id);
        Assert.Equal(closed.Text("purge_at"), listed.Text("purge_at"));
        Assert.Equal("account-closed", (await owner.Session.PatchAsJsonAsync("/tenants/" + id, new { name = "other" }).JsonAsync(409)).Text("code"));
        Assert.Equal("account-closed", (await owner.RemoveAsync(id, await app.UserIdAsync(member), 409)).Text("code"));
        Assert.Equal((owner.Email, "account.closed"), ((await app.AuditAsync(id))[^1].ActorName, (await app.AuditAsync(id))[^1].Action));
    }

    [Fact]
    public async Task Close_Again_AnswersTheSame()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();

        var first = await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        var second = await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();

        Assert.Equal(first.GetProperty("purge_at").GetDateTimeOffset(), second.GetProperty("purge_at").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.Single(await app.AuditAsync(id), act => act.Action == "account.closed");
    }

    [Fact]
    public async Task Restore_InTime_OpensEverythingAgain()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var there = await app.SwitchedAsync(owner, id);
        using var sdk = app.With((await there.PostAsJsonAsync("/api-keys", new { name = "CI" }).JsonAsync()).Text("key"));
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(201);
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(401);

        var restored = await owner.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync();

        Assert.Equal(JsonValueKind.Null, restored.GetProperty("closed_at").ValueKind);
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("3") }).JsonAsync(201);
        Assert.Equal("5", (await there.GetAsync("/stats/overview").JsonAsync()).GetProperty("total_cost").GetRawText());
        Assert.Equal("account.restored", (await app.AuditAsync(id))[^1].Action);
        await owner.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync();
    }

    [Fact]
    public async Task Restore_TooLate_IsLikeNone()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await app.ExecuteAsync($"UPDATE accounts SET purge_at = now() - interval '1 second' WHERE id = '{id}'");

        await owner.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync(404);
        Assert.Single((await owner.GetAsync("/tenants")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("member")]
    [InlineData("admin")]
    public async Task CloseAndRestore_NotAnOwner_AreRefused(string role)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var actor = await app.SignUpIntoAsync(id, role);

        Assert.Equal("missing-role", (await actor.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync(403)).Text("code"));
        Assert.Equal("missing-role", (await actor.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync(403)).Text("code"));
        await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "Acme" }).JsonAsync();
        await actor.Session.PostAsync($"/tenants/{id}/restore", null).JsonAsync(404);
    }

    [Fact]
    public async Task Close_WrongNameOrPersonal_IsRefused()
    {
        using var owner = await app.SignUpAsync();
        var (id, personal) = (await owner.MakeAccountAsync(), await app.PersonalAccountAsync(owner));

        Assert.Equal([("confirm", "conflict")], (await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { confirm = "acme" }).JsonAsync(422)).Faults());
        Assert.Equal([("confirm", "required")], (await owner.Session.DeleteAsJsonAsync("/tenants/" + id, new { }).JsonAsync(422)).Faults());
        Assert.Equal(
            "personal-account", (await owner.Session.DeleteAsJsonAsync("/tenants/" + personal, new { confirm = owner.Email }).JsonAsync(409)).Text("code"));
        Assert.Equal(JsonValueKind.Null, (await owner.GetAsync("/tenants/" + id)).GetProperty("closed_at").ValueKind);
    }

    [Fact]
    public async Task CloseUser_WithPassword_EndsSessionsAndKeysAndFreesTheAddress()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var (personal, alone, shared) = (await app.PersonalAccountAsync(person), await person.MakeAccountAsync("alone"), await other.MakeAccountAsync("shared"));
        await app.JoinAsync(shared, person, "admin");
        var user = await app.UserIdAsync(person);
        await person.SendAsync(TestEvents.Make("2"));
        Assert.Equal("wrong-password", (await person.Session.DeleteAsJsonAsync("/auth/me", new { password = "wrong horse" }).JsonAsync(403)).Text("code"));
        Assert.Equal([("password", "required")], (await person.Session.DeleteAsJsonAsync("/auth/me", new { }).JsonAsync(422)).Faults());
        await person.GetAsync("/auth/me");

        await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync();

        Assert.Equal("ended-session", (await person.Session.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        Assert.Equal("unknown-key", (await person.Sdk.GetAsync("/caps/check").JsonAsync(401)).Text("code"));
        Assert.Equal(401, await LogInAsync(person));
        Assert.Equal(
            2, await app.ScalarAsync<long>($"SELECT count(*) FROM accounts WHERE id IN ('{personal}', '{alone}') AND closed_at IS NOT NULL AND purge_at IS NOT NULL"));
        Assert.Null(await other.RoleAsync(shared, user));
        Assert.Equal("member.left", (await app.AuditAsync(shared))[^1].Action);
        Assert.Equal(["account.closed", "user.closed"], (await app.AuditAsync(personal)).TakeLast(2).Select(act => act.Action).Order());
        // The address is free again, and whoever takes it is somebody else.
        await app.Anyone.PostAsJsonAsync("/auth/signup", new { email = person.Email, password = TestPerson.Password }).JsonAsync();
        Assert.NotEqual(user, await app.UserIdAsync(person));
    }

    [Fact]
    public async Task CloseUser_WhoIsNeeded_NamesTheAccountsAndChangesNothing()
    {
        using var person = await app.SignUpAsync();
        var id = await person.MakeAccountAsync("Acme");
        using var member = await app.SignUpIntoAsync(id, "member");

        var refused = await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync(409);

        Assert.Equal("last-owner", refused.Text("code"));
        Assert.Contains("Acme", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Contains(id, refused.Text("accounts"), StringComparison.Ordinal);
        await person.GetAsync("/auth/me");
        await person.TransferAsync(id, await app.UserIdAsync(member));
        await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync();
        Assert.Equal("owner", (await member.GetAsync("/tenants/" + id)).Text("role"));
        Assert.Single((await member.GetAsync($"/tenants/{id}/members")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task CloseUser_WithOthersInThePersonalAccount_ClosesItForAll()
    {
        using var person = await app.SignUpAsync();
        var id = await app.PersonalAccountAsync(person);
        using var member = await app.SignUpIntoAsync(id, "member");
        using var there = await app.SwitchedAsync(member, id);
        await there.GetAsync("/caps/").JsonAsync();

        await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync();

        Assert.Equal("not-a-member", (await there.GetAsync("/caps/").JsonAsync(401)).Text("code"));
        await member.GetAsync("/auth/me");
    }

    [Fact]
    public async Task CloseUser_EvenIfNeeded_HandsTheAccountOn()
    {
        using var person = await app.SignUpAsync();
        var id = await person.MakeAccountAsync();
        using var viewer = await app.SignUpIntoAsync(id, "viewer");
        using var admin = await app.SignUpIntoAsync(id, "admin");
        var closing = app.Service<LlmObserve.Api.Accounts.AccountClosing>();
        var user = (await app.UserAsync(person)).Id;

        var done = await closing.CloseUserAsync(user, Domain.Audit.Actor.System, evenIfNeeded: true, default);

        Assert.True(done.IsDone);
        Assert.Equal("owner", (await admin.GetAsync("/tenants/" + id)).Text("role"));
        using var there = await app.SwitchedAsync(admin, id);
        await there.PatchAsJsonAsync("/caps/settings", new { unpriced_policy = "deny" }).JsonAsync();
        Assert.False((await closing.CloseUserAsync(user, Domain.Audit.Actor.System, evenIfNeeded: true, default)).IsDone);
    }

    [Fact]
    public async Task CloseUsers_BothOwnersAtOnce_OneIsKept()
    {
        for (var round = 0; round < 3; round++)
        {
            using var one = await app.SignUpAsync();
            var id = await one.MakeAccountAsync();
            using var two = await app.SignUpIntoAsync(id, "owner");
            using var member = await app.SignUpIntoAsync(id, "member");

            var statuses = await Task.WhenAll(CloseAsync(one), CloseAsync(two));

            Assert.Equal([200, 409], statuses.Order());
            Assert.Single(
                (await member.GetAsync($"/tenants/{id}/members")).GetProperty("items").EnumerateArray(), item => item.Text("role") == "owner");
        }

        async Task<int> CloseAsync(TestPerson person)
        {
            using var answer = await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password });
            return (int)answer.StatusCode;
        }
    }

    private async Task<int> LogInAsync(TestPerson person)
    {
        using var answer = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = TestPerson.Password });
        return (int)answer.StatusCode;
    }
}
