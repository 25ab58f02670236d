using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>A person's way through the dashboard's own pages: signing up, in and out, by mail and by cookie.</summary>
public sealed partial class SignInPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    private const string Password = "a sentence of mine";
    private const string SessionCookie = "llmobserve-session";

    private readonly ServerProcess _server = running.Server;

    [Fact]
    public async Task SignUp_OnThePage_ShowsTheKeyOnceAndSignsIn()
    {
        using var browser = new Browser(_server.Dashboard);
        var email = await SignUpAsync(browser);

        var key = KeyPattern().Match(browser.Page).Value;
        Assert.NotEmpty(key);
        using var program = _server.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var check = await program.GetAsync("caps/check");
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);

        await browser.OpenAsync("/settings");
        Assert.Contains(email, browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain(key, browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_AfterSigningIn_AreClosedToScriptsAndOtherSites()
    {
        using var browser = new Browser(_server.Dashboard);

        await SignUpAsync(browser);

        var session = Assert.Single(browser.SetCookies, cookie => cookie.StartsWith(SessionCookie + "=", StringComparison.Ordinal));
        Assert.Contains("httponly", session, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", session, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("eyJ", Uri.UnescapeDataString(session), StringComparison.Ordinal);
        Assert.All(browser.Cookies, cookie => Assert.True(cookie.HttpOnly, cookie.Name));
    }

    [Fact]
    public async Task SignIn_WrongPassword_SaysSoAndSignsNobodyIn()
    {
        using var browser = new Browser(_server.Dashboard);
        var email = await SignUpAsync(browser);
        using var other = new Browser(_server.Dashboard);

        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("sign-in", ("Form.Email", email), ("Form.Password", "not the sentence"));

        Assert.Contains("The address or the password is wrong.", other.Page, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Cookies, cookie => cookie.Name == SessionCookie);
    }

    [Theory]
    [InlineData("/settings", "/settings")]
    [InlineData("//example.com/", "/")]
    [InlineData("https://example.com/", "/")]
    [InlineData("/\\example.com", "/")]
    public async Task SignIn_WithAPlaceToReturnTo_GoesThereOnlyWhereItIsOurs(string asked, string expected)
    {
        using var browser = new Browser(_server.Dashboard);
        var email = await SignUpAsync(browser);
        using var other = new Browser(_server.Dashboard);

        await other.OpenAsync($"/sign-in?return={Uri.EscapeDataString(asked)}");
        await other.SubmitAsync("sign-in", ("Form.Email", email), ("Form.Password", Password));

        Assert.Equal(expected, other.Path);
    }

    [Fact]
    public async Task Pages_WithoutACookie_LeadToSigningIn()
    {
        using var browser = new Browser(_server.Dashboard);

        await browser.OpenAsync("/settings");

        Assert.Equal("/sign-in?return=%2Fsettings", browser.Path);
    }

    [Fact]
    public async Task Pages_ThatAreNone_SayWhatToDo()
    {
        using var browser = new Browser(_server.Dashboard);

        await browser.OpenAsync("/nothing-here");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("There is no such page", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_WithoutTheAntiforgeryToken_DoNothing()
    {
        using var browser = new Browser(_server.Dashboard);
        await SignUpAsync(browser);
        await browser.OpenAsync("/settings");

        await browser.ForgeAsync("/sign-out");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("This form is out of date", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/settings");
        Assert.Equal("/settings", browser.Path);
    }

    [Fact]
    public async Task SignOut_ACookieThatWasCopied_OpensNothingAnyMore()
    {
        using var browser = new Browser(_server.Dashboard);
        await SignUpAsync(browser);
        using var thief = new Browser(_server.Dashboard);
        thief.Take(browser.Cookies.Single(cookie => cookie.Name == SessionCookie));
        await thief.OpenAsync("/settings");
        Assert.Equal("/settings", thief.Path);

        await browser.OpenAsync("/settings");
        await browser.SubmitAsync("/sign-out");

        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Name == SessionCookie);
        await thief.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", thief.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_Everywhere_EndsTheOtherDevice()
    {
        using var laptop = new Browser(_server.Dashboard);
        var email = await SignUpAsync(laptop);
        using var phone = new Browser(_server.Dashboard);
        await phone.OpenAsync("/sign-in");
        await phone.SubmitAsync("sign-in", ("Form.Email", email), ("Form.Password", Password));

        await laptop.OpenAsync("/settings");
        await laptop.SubmitAsync("/sign-out", ("everywhere", "yes"));

        await phone.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", phone.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_OfTheMailAfterSigningUp_ConfirmsTheAddress()
    {
        using var browser = new Browser(_server.Dashboard);
        var email = await SignUpAsync(browser);
        await browser.OpenAsync("/settings");
        Assert.Contains("not confirmed", browser.Page, StringComparison.Ordinal);

        await browser.OpenAsync(await MailedLinkAsync(email, "/verify"));
        await browser.SubmitAsync("verify");

        Assert.Contains("mail to this address reaches you", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/settings");
        Assert.DoesNotContain("not confirmed", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync(await MailedLinkAsync(email, "/verify"));
        await browser.SubmitAsync("verify");
        Assert.Contains("Get a new link", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_ToANewPassword_SetsItAndEndsTheOldSessions()
    {
        using var browser = new Browser(_server.Dashboard);
        var email = await SignUpAsync(browser);
        using var other = new Browser(_server.Dashboard);
        await other.OpenAsync("/forgot");
        await other.SubmitAsync("forgot", ("Form.Email", email));
        Assert.Contains("a mail with a link", other.Page, StringComparison.Ordinal);

        await other.OpenAsync(await MailedLinkAsync(email, "/reset"));
        await other.SubmitAsync("reset", ("Form.Password", "short"));
        Assert.Contains("at least 8 characters", other.Page, StringComparison.OrdinalIgnoreCase);
        await other.SubmitAsync("reset", ("Form.Password", "another sentence of mine"));
        Assert.Contains("Your password is changed", other.Page, StringComparison.Ordinal);

        await browser.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
        await browser.SubmitAsync("sign-in", ("Form.Email", email), ("Form.Password", "another sentence of mine"));
        await browser.OpenAsync("/settings");
        Assert.Equal("/settings", browser.Path);
    }

    [Fact]
    public async Task Link_OfAnInvitation_LeadsThroughSigningUpIntoTheAccount()
    {
        using var owner = await ApiClient.SignUpAsync(_server, "graces-team");
        var account = Accounts.Crew.Claim(owner.Account.Token, "acct");
        var email = $"{Guid.NewGuid():N}@example.com";
        (await owner.SendAsync(HttpMethod.Post, $"tenants/{account}/invitations", new JsonObject { ["email"] = email, ["role"] = "viewer" }))
            .Expect(HttpStatusCode.OK);
        using var browser = new Browser(_server.Dashboard);

        await browser.OpenAsync(await MailedLinkAsync(email, "/invitation"));
        Assert.Contains("Join graces-team", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("Somebody invites", browser.Page, StringComparison.Ordinal);
        var invitation = browser.Path;
        await browser.OpenAsync($"/sign-up?return={Uri.EscapeDataString(invitation)}");
        // Whoever has signed up before comes back to the invitation too.
        Assert.Contains($"/sign-in?return={Uri.EscapeDataString(invitation)}", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync("sign-up", ("Form.Name", "Ada"), ("Form.Email", email), ("Form.Password", Password));
        await browser.OpenAsync(invitation);
        await browser.SubmitAsync("accept");

        Assert.Contains("You belong to graces-team now", browser.Page, StringComparison.Ordinal);
        var members = await owner.GetAsync($"tenants/{account}/members");
        Assert.Contains(members.GetProperty("items").EnumerateArray(), member => member.GetProperty("email").GetString() == email);
        await browser.OpenAsync(invitation);
        Assert.Contains("No such invitation", browser.Page, StringComparison.Ordinal);
    }

    private static async Task<string> SignUpAsync(Browser browser)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        await browser.OpenAsync("/sign-up");
        await browser.SubmitAsync("sign-up", ("Form.Name", "Ada"), ("Form.Email", email), ("Form.Password", Password));
        Assert.Contains("Your first API key", browser.Page, StringComparison.Ordinal);
        return email;
    }

    private async Task<string> MailedLinkAsync(string email, string page) =>
        (await new Mailbox(running.Folder).LinkAsync(email, page)).PathAndQuery;

    [GeneratedRegex("llmo_sk_[0-9A-Za-z]{38}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();
}
