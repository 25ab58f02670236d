using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Storage.Invitations;

namespace LlmObserve.Api.Tests.Accounts;

public sealed class InvitationsTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static int s_strangers;

    [Fact]
    public async Task Invite_StrangerWhoThenSignsUp_BecomesAMember()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        var email = Stranger();

        var sent = await InviteAsync(owner, id, $" {email.ToUpperInvariant()} ", "member");
        var token = await app.Mails.NextTokenAsync(email);

        Assert.Equal((email, "member", owner.Email, true), (sent.Text("email"), sent.Text("role"), sent.Text("invited_by"), sent.GetProperty("mail_queued").GetBoolean()));
        Assert.Equal(TimeSpan.FromDays(7), sent.GetProperty("expires_at").GetDateTimeOffset() - sent.GetProperty("created_at").GetDateTimeOffset());
        Assert.DoesNotContain(token, sent.GetRawText(), StringComparison.Ordinal);
        var preview = await PreviewAsync(token);
        Assert.Equal(
            ("Acme", owner.Email, "member", email), (preview.Text("account_name"), preview.Text("inviter_email"), preview.Text("role"), preview.Text("email")));

        using var stranger = await app.SignUpAsync(email);
        var joined = await AcceptAsync(stranger, token);

        Assert.Equal((id, "member", false), (joined.Text("id"), joined.Text("role"), joined.GetProperty("is_current").GetBoolean()));
        Assert.Equal("member", await owner.RoleAsync(id, await app.UserIdAsync(stranger)));
        using var there = await app.SwitchedAsync(stranger, id);
        await there.PostAsJsonAsync("/api-keys", new { name = "mine" }).JsonAsync();
        Assert.NotNull((await app.UserAsync(stranger)).EmailVerifiedAt);
        Assert.Equal(["account.created", "invitation.created", "invitation.accepted", "member.added"], [.. (await app.AuditAsync(id)).Take(4).Select(act => act.Action).Order(s_byStory)]);
        Assert.Contains(await app.AuditAsync(await app.PersonalAccountAsync(stranger)), act => act.Action == "user.verified");
        Assert.Equal(0, await app.ScalarAsync<long>($"SELECT count(*) FROM audit_log WHERE coalesce(before::text, '') || coalesce(after::text, '') LIKE '%{token}%'"));
    }

    [Fact]
    public async Task Accept_UsedWithdrawnRenewedExpiredUnknownOrOfAClosedAccount_IsLikeNone()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var person = await app.SignUpAsync();

        await NoneAsync("x");
        await NoneAsync(new string('A', 43));
        await NoneAsync(new string('ä', 43));

        var first = await InvitedAsync();
        var renewed = await InvitedAsync();
        await NoneAsync(first);

        var invitation = (await owner.GetAsync($"/tenants/{id}/invitations")).GetProperty("items").EnumerateArray().Single();
        await owner.Session.DeleteAsync($"/tenants/{id}/invitations/{invitation.Text("id")}").JsonAsync();
        await NoneAsync(renewed);
        await owner.Session.DeleteAsync($"/tenants/{id}/invitations/{invitation.Text("id")}").JsonAsync(404);

        var expired = await InvitedAsync();
        await app.ExecuteAsync($"UPDATE invitations SET expires_at = now() WHERE account_id = '{id}'");
        await NoneAsync(expired);
        Assert.Empty((await owner.GetAsync($"/tenants/{id}/invitations")).GetProperty("items").EnumerateArray());

        var closed = await InvitedAsync();
        await app.ExecuteAsync($"UPDATE accounts SET closed_at = now(), purge_at = now() + interval '1 day' WHERE id = '{id}'");
        await NoneAsync(closed);
        await app.ExecuteAsync($"UPDATE accounts SET closed_at = NULL, purge_at = NULL WHERE id = '{id}'");

        await AcceptAsync(person, closed);
        await NoneAsync(closed);

        async Task<string> InvitedAsync()
        {
            await InviteAsync(owner, id, person.Email, "viewer");
            return await app.Mails.NextTokenAsync(person.Email);
        }

        async Task NoneAsync(string token)
        {
            Assert.Equal("no-such-invitation", (await PreviewAsync(token, 404)).Text("code"));
            Assert.Equal("no-such-invitation", (await AcceptAsync(person, token, 404)).Text("code"));
        }
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("member")]
    public async Task Accept_FromSomebodyWhoMayInviteNoMore_IsLikeNone(string end)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var admin = await app.SignUpIntoAsync(id, "admin");
        using var person = await app.SignUpAsync();
        await InviteAsync(admin, id, person.Email, "admin");
        var token = await app.Mails.NextTokenAsync(person.Email);
        await PreviewAsync(token);

        await (end == "removed" ? owner.RemoveAsync(id, await app.UserIdAsync(admin)) : owner.SetRoleAsync(id, await app.UserIdAsync(admin), end));

        Assert.Equal("no-such-invitation", (await PreviewAsync(token, 404)).Text("code"));
        Assert.Equal("no-such-invitation", (await AcceptAsync(person, token, 404)).Text("code"));
        Assert.Null(await owner.RoleAsync(id, await app.UserIdAsync(person)));
        Assert.Empty((await owner.GetAsync($"/tenants/{id}/invitations")).GetProperty("items").EnumerateArray());

        // Another admin may send it again.
        await InviteAsync(owner, id, person.Email, "viewer");
        Assert.Equal("viewer", (await AcceptAsync(person, await app.Mails.NextTokenAsync(person.Email))).Text("role"));
    }

    [Fact]
    public async Task Accept_ByAnotherAddress_IsRefusedAndUsesNothingUp()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var invited = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        await InviteAsync(owner, id, invited.Email, "admin");
        var token = await app.Mails.NextTokenAsync(invited.Email);

        Assert.Equal("other-address", (await AcceptAsync(other, token, 403)).Text("code"));
        Assert.Null(await owner.RoleAsync(id, await app.UserIdAsync(other)));
        Assert.Null((await app.UserAsync(other)).EmailVerifiedAt);
        Assert.Equal("admin", (await AcceptAsync(invited, token)).Text("role"));
    }

    [Fact]
    public async Task Accept_EightTimesAtOnce_JoinsOnce()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var person = await app.SignUpAsync();
        await InviteAsync(owner, id, person.Email, "member");
        var token = await app.Mails.NextTokenAsync(person.Email);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await person.Session.PostAsJsonAsync("/invitations/accept", new { token });
            return (int)answer.StatusCode;
        }));

        Assert.Equal([200, 404, 404, 404, 404, 404, 404, 404], statuses.Order());
        Assert.Single(await app.AuditAsync(id), act => act.Action == "member.added");
        Assert.Equal("member", await owner.RoleAsync(id, await app.UserIdAsync(person)));
    }

    [Fact]
    public async Task Accept_WhoIsAMemberAlready_KeepsTheRole()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var person = await app.SignUpAsync();
        await InviteAsync(owner, id, person.Email, "viewer");
        var token = await app.Mails.NextTokenAsync(person.Email);
        await app.JoinAsync(id, person, "admin");

        Assert.Equal("admin", (await AcceptAsync(person, token)).Text("role"));
        Assert.DoesNotContain(await app.AuditAsync(id), act => act.Action == "member.added");
    }

    [Fact]
    public async Task Invite_BadFieldsMembersAndOwners_AreRefused()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();

        Assert.Equal([("email", "malformed"), ("role", "unknown-value")], (await InviteAsync(owner, id, "nobody", "owner", 422)).Faults());
        Assert.Equal(
            [("email", "required"), ("role", "required")], (await owner.Session.PostAsJsonAsync($"/tenants/{id}/invitations", new { }).JsonAsync(422)).Faults());
        Assert.Equal("already-member", (await InviteAsync(owner, id, owner.Email, "viewer", 409)).Text("code"));
    }

    [Theory]
    [InlineData("viewer", 403)]
    [InlineData("member", 403)]
    [InlineData("admin", 200)]
    [InlineData("owner", 200)]
    public async Task Routes_EveryRole_DoesWhatItMay(string role, int status)
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var actor = await app.SignUpIntoAsync(id, role);
        var sent = await InviteAsync(owner, id, Stranger(), "admin");

        await InviteAsync(actor, id, Stranger(), "admin", status);
        await actor.Session.GetAsync($"/tenants/{id}/invitations").JsonAsync(status);
        await actor.Session.DeleteAsync($"/tenants/{id}/invitations/{sent.Text("id")}").JsonAsync(status);

        Assert.Equal(1, (await owner.GetAsync($"/tenants/{id}/invitations")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Withdraw_InvitationOfAnotherAccount_LooksLikeNone()
    {
        using var owner = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var (theirs, own) = (await owner.MakeAccountAsync(), await other.MakeAccountAsync());
        var invitation = (await InviteAsync(owner, theirs, Stranger(), "viewer")).Text("id");

        var there = await other.Session.DeleteAsync($"/tenants/{own}/invitations/{invitation}").JsonAsync(404);
        var nowhere = await other.Session.DeleteAsync($"/tenants/{own}/invitations/{Guid.NewGuid():N}").JsonAsync(404);

        Assert.Equal(nowhere.GetRawText(), there.GetRawText());
        Assert.Equal(1, (await owner.GetAsync($"/tenants/{theirs}/invitations")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Invite_OneAddressAgainAndAgain_IsStopped()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        var email = Stranger();
        for (var i = 0; i < InvitationsStore.MaxPerDayAndAddress; i++)
        {
            await InviteAsync(owner, id, email, "viewer");
        }

        Assert.Equal("too-many-invitations", (await InviteAsync(owner, id, email, "viewer", 409)).Text("code"));
        await InviteAsync(owner, id, Stranger(), "viewer");
    }

    [Fact]
    public async Task Invite_OneAddressFromManyAccounts_IsStopped()
    {
        using var owner = await app.SignUpAsync();
        var email = Stranger();
        for (var i = 0; i < SignInGuard.InvitationsPerAddressHour; i++)
        {
            await InviteAsync(owner, await owner.MakeAccountAsync(), email, "viewer");
        }

        Assert.Equal("too-many-mails", (await InviteAsync(owner, await owner.MakeAccountAsync(), email, "viewer", 429)).Text("code"));
        await InviteAsync(owner, await owner.MakeAccountAsync(), Stranger(), "viewer");
    }

    [Fact]
    public async Task Invite_MoreThanMayBeOpen_IsStopped()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        await app.ExecuteAsync(
            $"""
            INSERT INTO invitations (id, account_id, email, role, sha256, created_at, expires_at)
            SELECT gen_random_uuid(), '{id}', n || '@example.com', 'viewer', sha256(('{id}' || n)::bytea), now(), now() + interval '1 day'
            FROM generate_series(1, {InvitationsStore.MaxOpen}) n
            """);

        Assert.Equal("too-many-invitations", (await InviteAsync(owner, id, Stranger(), "viewer", 409)).Text("code"));
        await InviteAsync(owner, id, "7@example.com", "viewer");
        // Those that are too old make room.
        await app.ExecuteAsync($"UPDATE invitations SET expires_at = now() WHERE account_id = '{id}' AND email = '8@example.com'");
        await InviteAsync(owner, id, Stranger(), "viewer");
    }

    [Fact]
    public async Task Accept_FullAccountOrBusyPerson_IsRefused()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var person = await app.SignUpAsync();
        await InviteAsync(owner, id, person.Email, "member");
        var token = await app.Mails.NextTokenAsync(person.Email);
        var user = await app.UserIdAsync(person);

        await app.ExecuteAsync(
            $"""
            WITH made AS (INSERT INTO accounts (id, name, created_at, updated_at) SELECT gen_random_uuid(), 'filler', now(), now()
              FROM generate_series(1, {InvitationsStore.MaxAccounts}) RETURNING id)
            INSERT INTO memberships SELECT id, '{user}', 'viewer', now() FROM made
            """);
        Assert.Equal("too-many-accounts", (await AcceptAsync(person, token, 409)).Text("code"));
        await app.ExecuteAsync($"DELETE FROM memberships m USING accounts a WHERE a.id = m.account_id AND a.name = 'filler' AND user_id = '{user}'");
        await app.ExecuteAsync(
            $"""
            WITH made AS (INSERT INTO users (id, email, created_at, updated_at) SELECT gen_random_uuid(), 'filler' || n || '@example.com', now(), now()
              FROM generate_series(1, {InvitationsStore.MaxMembers - 1}) n RETURNING id)
            INSERT INTO memberships SELECT '{id}', id, 'viewer', now() FROM made
            """);
        Assert.Equal("too-many-members", (await AcceptAsync(person, token, 409)).Text("code"));
        await app.ExecuteAsync($"DELETE FROM memberships WHERE account_id = '{id}' AND role = 'viewer'");
        await AcceptAsync(person, token);
    }

    private static readonly IComparer<string> s_byStory = Comparer<string>.Create((one, other) => Place(one).CompareTo(Place(other)));

    private static int Place(string action) =>
        Array.IndexOf(["account.created", "invitation.created", "invitation.accepted", "member.added"], action);

    private static string Stranger() => $"stranger{Interlocked.Increment(ref s_strangers)}@example.org";

    private static Task<JsonElement> InviteAsync(TestPerson by, string account, string email, string role, int status = 200) =>
        by.Session.PostAsJsonAsync($"/tenants/{account}/invitations", new { email, role }).JsonAsync(status);

    private Task<JsonElement> PreviewAsync(string token, int status = 200) =>
        app.Anyone.PostAsJsonAsync("/invitations/preview", new { token }).JsonAsync(status);

    private static Task<JsonElement> AcceptAsync(TestPerson by, string token, int status = 200) =>
        by.Session.PostAsJsonAsync("/invitations/accept", new { token }).JsonAsync(status);
}
