using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>A page shows somebody the forms that the API would take from them, and no others.</summary>
public sealed class RolesOnPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    // Each is asked so that it changes nothing: what is missing or malformed is refused after the role.
    private static readonly (string Page, string Form, Func<Place, (HttpMethod Method, string Path, JsonObject Body)> Ask)[] s_forms =
    [
        ("/settings/keys", "make", _ => (HttpMethod.Post, "api-keys", new() { ["scopes"] = new JsonArray() })),
        ("/settings/keys/{key}", "change", at => (HttpMethod.Patch, $"api-keys/{at.Key}", [])),
        ("/settings/members", "invite", at => (HttpMethod.Post, $"tenants/{at.Team}/invitations", [])),
        ("/settings/members/{viewer}", "role", at => (HttpMethod.Patch, $"tenants/{at.Team}/members/{at.Viewer}", [])),
        ("/settings/members/{viewer}", "remove", at => (HttpMethod.Patch, $"tenants/{at.Team}/members/{at.Viewer}", [])),
        ("/settings/members/{viewer}", "transfer", at => (HttpMethod.Post, $"tenants/{at.Team}/transfer", [])),
        ("/settings/members/{owner}", "role", at => (HttpMethod.Patch, $"tenants/{at.Team}/members/{at.Owner}", new() { ["role"] = "viewer" })),
        ("/settings/members/{owner}", "remove", at => (HttpMethod.Delete, $"tenants/{at.Team}/members/{at.Owner}", [])),
        ("/settings/account", "account", at => (HttpMethod.Patch, $"tenants/{at.Team}", [])),
        ("/settings/account", "checks", _ => (HttpMethod.Patch, "caps/settings", [])),
        ("/settings/account", "make", _ => (HttpMethod.Post, "tenants", [])),
        ("/settings/account", "close", at => (HttpMethod.Delete, $"tenants/{at.Team}", [])),
        ("/onboarding", "fill", _ => (HttpMethod.Post, "api-keys", new() { ["scopes"] = new JsonArray() })),
    ];

    [Theory]
    [InlineData("viewer")]
    [InlineData("member")]
    [InlineData("admin")]
    [InlineData("owner")]
    public async Task Forms_ForARole_AreThoseThatTheApiTakes(string role)
    {
        using var team = await Team.GatherAsync(running, "viewer", "member", "admin");
        var key = (await team.SendAsync("admin", HttpMethod.Post, "api-keys", new JsonObject { ["name"] = "the admin's" })).Expect(HttpStatusCode.OK);
        var at = new Place(team.Id, key.GetProperty("id").GetString()!, team.UserId("viewer"), team.UserId("owner"));
        using var browser = await team.OpenAsync(role, "/settings");
        var wrong = new List<string>();

        foreach (var (page, form, ask) in s_forms)
        {
            var (method, path, body) = ask(at);
            var answer = await team.SendAsync(role, method, path, body);
            Assert.NotEqual(HttpStatusCode.OK, path.Contains("transfer", StringComparison.Ordinal) || method == HttpMethod.Delete ? answer.Status : HttpStatusCode.NoContent);
            // Nobody may do it to the last owner, whatever they are.
            var isTaken = answer.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.Conflict);
            await browser.OpenAsync(page.Replace("{key}", at.Key, StringComparison.Ordinal).Replace("{viewer}", at.Viewer, StringComparison.Ordinal)
                .Replace("{owner}", at.Owner, StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            if (browser.Forms.Contains(form) != isTaken)
            {
                wrong.Add($"{page}: the form '{form}' is {(isTaken ? "missing" : "shown")}, and the API says {(int)answer.Status}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("viewer", HttpStatusCode.Forbidden)]
    [InlineData("admin", HttpStatusCode.OK)]
    public async Task AuditLog_ForARole_IsLinkedWhereItOpens(string role, HttpStatusCode expected)
    {
        using var team = await Team.GatherAsync(running, role);
        using var browser = await team.OpenAsync(role, "/settings/account");

        Assert.Equal(expected == HttpStatusCode.OK, browser.Says("href=\"/export/audit\""));
        await browser.OpenAsync("/export/audit");

        Assert.Equal(expected, browser.Status);
        Assert.Equal(expected == HttpStatusCode.OK, browser.Says("account.created"));
    }

    [Fact]
    public async Task PersonalAccount_ForItsOwner_OffersNeitherLeavingNorHandingOver()
    {
        using var owner = await ApiClient.SignUpAsync(running.Server);
        using var browser = new Browser(running.Server.Dashboard);
        await browser.OpenAsync("/sign-in?return=/settings/members");
        await browser.SubmitAsync("sign-in", ("Form.Email", owner.Account.Email), ("Form.Password", owner.Account.Password));

        Assert.Contains("invite", browser.Forms);
        Assert.DoesNotContain("leave", browser.Forms);
        await browser.OpenAsync("/settings/account");
        Assert.DoesNotContain("close", browser.Forms);
        Assert.True(browser.Says("This is your personal account"), browser.Page);
    }

    private sealed record Place(string Team, string Key, string Viewer, string Owner);
}
