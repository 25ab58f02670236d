using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.Api.Tests.Accounts;

public sealed class AccountsTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task List_NewPerson_HasThePersonalAccountAlone()
    {
        using var person = await app.SignUpAsync();

        var list = await person.GetAsync("/tenants");

        var account = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(await app.PersonalAccountAsync(person), account.Text("id"));
        Assert.Equal("owner", account.Text("role"));
        Assert.True(account.GetProperty("is_personal").GetBoolean());
        Assert.True(account.GetProperty("is_current").GetBoolean());
        Assert.Equal(JsonValueKind.Null, account.GetProperty("closed_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, account.GetProperty("purge_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public async Task Create_WithNameAndZone_MakesAnAccountThatWorks()
    {
        using var person = await app.SignUpAsync();

        var made = await person.Session.PostAsJsonAsync("/tenants", new { name = " Acme Ltd ", time_zone = "Asia/Kolkata" }).JsonAsync();

        Assert.Equal("Acme Ltd", made.Text("name"));
        Assert.Equal("Asia/Kolkata", made.Text("time_zone"));
        Assert.Equal("owner", made.Text("role"));
        Assert.False(made.GetProperty("is_personal").GetBoolean());
        Assert.False(made.GetProperty("is_current").GetBoolean());
        var id = made.Text("id");
        Assert.Equal(made.GetRawText(), (await person.GetAsync("/tenants/" + id)).GetRawText());
        Assert.Equal([await app.PersonalAccountAsync(person), id], Ids(await person.GetAsync("/tenants")));

        // The new account is one like any other: a session can be switched to it, a key made, events sent.
        using var session = await app.SwitchedAsync(person, id);
        var key = await session.PostAsJsonAsync("/api-keys", new { name = "CI" }).JsonAsync();
        using var sdk = app.With(key.Text("key"));
        await sdk.PostAsJsonAsync("/events/", new[] { TestEvents.Make("2") }).JsonAsync(201);
        Assert.Equal("2", (await session.GetAsync("/stats/overview").JsonAsync()).GetProperty("total_cost").GetRawText());
        Assert.Equal("0", (await person.GetAsync("/stats/overview")).GetProperty("total_cost").GetRawText());
        Assert.True((await session.GetAsync("/tenants/" + id).JsonAsync()).GetProperty("is_current").GetBoolean());
        Assert.Equal("account.created", (await app.AuditAsync(id))[0].Action);
    }

    [Fact]
    public async Task Create_BadFields_NamesThemAll()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Session.PostAsJsonAsync("/tenants", new { name = " ", time_zone = "Mars/Olympus" }).JsonAsync(422);

        Assert.Equal([("name", "required"), ("time_zone", "unknown-value")], problem.Faults());
    }

    [Fact]
    public async Task Create_ManyAtOnce_StopsAtTheLimit()
    {
        using var person = await app.SignUpAsync();

        var statuses = await Task.WhenAll(Enumerable.Range(0, UserAccountsStore.MaxOwned + 5).Select(async i =>
        {
            using var answer = await person.Session.PostAsJsonAsync("/tenants", new { name = $"Acme {i}" });
            return (int)answer.StatusCode;
        }));

        Assert.Equal(UserAccountsStore.MaxOwned, statuses.Count(status => status == 200));
        Assert.Equal(5, statuses.Count(status => status == 409));
        Assert.Equal(UserAccountsStore.MaxOwned + 1, Ids(await person.GetAsync("/tenants")).Count);
        Assert.Equal("too-many-accounts", (await person.Session.PostAsJsonAsync("/tenants", new { name = "Acme" }).JsonAsync(409)).Text("code"));
    }

    [Fact]
    public async Task Change_NameAndZone_ReachesEveryMemberAndTheGrain()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        using var admin = await app.SignUpIntoAsync(id, "admin");
        var grain = app.Services.GetRequiredService<IGrainFactory>().GetGrain<IAccountGrain>(id);
        Assert.Equal("Acme", (await grain.GetSettingsAsync()).Name);

        var changed = await admin.Session.PatchAsJsonAsync("/tenants/" + id, new { name = "Umbrella", time_zone = "Europe/London" }).JsonAsync();

        Assert.Equal(("Umbrella", "Europe/London", "admin"), (changed.Text("name"), changed.Text("time_zone"), changed.Text("role")));
        var seen = await owner.GetAsync("/tenants/" + id);
        Assert.Equal(("Umbrella", "Europe/London"), (seen.Text("name"), seen.Text("time_zone")));
        var settings = await grain.GetSettingsAsync();
        Assert.Equal(("Umbrella", "Europe/London"), (settings.Name, settings.TimeZone));
        var audited = (await app.AuditAsync(id)).Single(act => act.Action == "account.updated");
        Assert.Equal((admin.Email, """{"name": "Acme"}""", """{"name": "Umbrella"}"""), (audited.ActorName, audited.Before, audited.After));
    }

    [Fact]
    public async Task Change_WithoutAnId_IsOfTheAccountThatTheSessionOpens()
    {
        using var person = await app.SignUpAsync();
        await person.MakeAccountAsync();

        var changed = await person.Session.PatchAsJsonAsync("/tenants", new { name = "Mine alone" }).JsonAsync();

        Assert.Equal(("Mine alone", true, true), (changed.Text("name"), changed.GetProperty("is_current").GetBoolean(), changed.GetProperty("is_personal").GetBoolean()));
    }

    [Fact]
    public async Task Change_NothingOrTheSame_ChangesNothing()
    {
        using var owner = await app.SignUpAsync();
        var id = await owner.MakeAccountAsync();
        var before = (await owner.GetAsync("/tenants/" + id)).GetRawText();

        await owner.Session.PatchAsJsonAsync("/tenants/" + id, new { }).JsonAsync();
        await owner.Session.PatchAsJsonAsync("/tenants/" + id, new { name = "Acme", time_zone = "UTC" }).JsonAsync();

        Assert.Equal(before, (await owner.GetAsync("/tenants/" + id)).GetRawText());
        Assert.Equal(["account.created"], (await app.AuditAsync(id)).Select(act => act.Action));
    }

    [Fact]
    public async Task Routes_AccountOfOthers_AnswerAsForOneOfNobody()
    {
        using var owner = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        var theirs = await owner.MakeAccountAsync("secret");
        var member = await app.UserIdAsync(owner);
        var nobodys = Guid.NewGuid().ToString("N");

        foreach (var (method, path, body) in AccountRoutes.All)
        {
            var there = await stranger.Session.SendAsync(AccountRoutes.Request(method, path, body, theirs, member)).JsonAsync(404);
            var nowhere = await stranger.Session.SendAsync(AccountRoutes.Request(method, path, body, nobodys, member)).JsonAsync(404);
            Assert.Equal(nowhere.GetRawText(), there.GetRawText());
        }

        Assert.Equal("secret", (await owner.GetAsync("/tenants/" + theirs)).Text("name"));
        Assert.Equal("owner", await owner.RoleAsync(theirs, member));
    }

    [Fact]
    public async Task Routes_ApiKeyAndNobody_AreRefused()
    {
        using var person = await app.SignUpAsync();
        var id = await app.PersonalAccountAsync(person);

        foreach (var (method, path, body) in AccountRoutes.All)
        {
            Assert.Equal("session-needed", (await person.Sdk.SendAsync(AccountRoutes.Request(method, path, body, id, id)).JsonAsync(403)).Text("code"));
            Assert.Equal("missing-credentials", (await app.Anyone.SendAsync(AccountRoutes.Request(method, path, body, id, id)).JsonAsync(401)).Text("code"));
        }
    }

    [Fact]
    public async Task Routes_OfTwoAccounts_GoByTheRoleInTheOneThatIsNamed()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var (own, others) = (await person.MakeAccountAsync("own"), await other.MakeAccountAsync("others"));
        await app.JoinAsync(others, person, "viewer");

        // The session opens an account that the person owns: that helps nowhere else.
        await person.Session.PatchAsJsonAsync("/tenants/" + own, new { name = "mine" }).JsonAsync();
        var refused = await person.Session.PatchAsJsonAsync("/tenants/" + others, new { name = "mine" }).JsonAsync(403);

        Assert.Equal("missing-role", refused.Text("code"));
        Assert.Equal("others", (await other.GetAsync("/tenants/" + others)).Text("name"));
        // Nor does it hurt: as the viewer that the session is in one account, they change the other.
        using var viewing = await app.SwitchedAsync(person, others);
        await viewing.PatchAsJsonAsync("/tenants/" + own, new { name = "mine too" }).JsonAsync();
        Assert.Equal(new[] { (others, "viewer"), (own, "owner") }.Order(), Roles(await viewing.GetAsync("/tenants").JsonAsync()).Skip(1).Order());

        static IEnumerable<(string Id, string Role)> Roles(JsonElement list) =>
            list.GetProperty("items").EnumerateArray().Select(item => (item.Text("id"), item.Text("role")));
    }

    private static List<string> Ids(JsonElement list) => [.. list.GetProperty("items").EnumerateArray().Select(item => item.Text("id"))];
}
