using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>The dashboard for people whom Clerk has signed in.</summary>
public sealed partial class ClerkPagesTests : IAsyncLifetime
{
    private readonly ClerkInstance _clerk = ClerkInstance.Start();
    private readonly ServerFolder _folder = ServerFolder.Create();
    private ServerProcess _server = null!;

    public async Task InitializeAsync() =>
        _server = await ServerProcess.StartAsync(_folder, new ServerSettings { Environment = _clerk.Environment });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
        await _clerk.DisposeAsync();
    }

    [Fact]
    public async Task Settings_OfAUserMadeByAWebhook_ShowsTheKeyOnce()
    {
        const string User = "user_2abcDEF0123456789";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "ada@example.com"));
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", _clerk.Token(User)));

        await browser.OpenAsync("/settings");
        Assert.Contains("ada@example.com", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("llmo_sk_", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync("reveal");

        var key = KeyPattern().Match(browser.Page).Value;
        Assert.NotEmpty(key);
        using var program = _server.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var check = await program.GetAsync("caps/check");
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        await browser.OpenAsync("/settings");
        Assert.DoesNotContain("first API key", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_OfAUserWhomClerkHasDeleted_LeadsToSigningIn()
    {
        const string User = "user_2abcDEF9876543210";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "grace@example.com"));
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", _clerk.Token(User)));
        await browser.OpenAsync("/settings");
        Assert.Equal("/settings", browser.Path);

        await _clerk.TellAsync(_server, new JsonObject
        {
            ["object"] = "event", ["type"] = "user.deleted", ["data"] = new JsonObject { ["id"] = User, ["object"] = "user", ["deleted"] = true },
        });

        await browser.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sign-in?return=/caps", "sign-in", "/caps")]
    [InlineData("/sign-up", "sign-up", "/onboarding")]
    [InlineData("/sign-in?return=//elsewhere.example.com", "sign-in", "/")]
    public async Task SignInAndUp_ShowAPlaceForClerksForm(string path, string form, string back)
    {
        using var browser = new Browser(_server.Dashboard);

        await browser.OpenAsync(path);

        Assert.True(browser.Says($"data-clerk=\"{form}\" data-return=\"{back}\""), browser.Page);
        Assert.True(browser.Says($"<meta name=\"clerk-key\" content=\"{_clerk.Environment["CLERK_PUBLISHABLE_KEY"]}\""), browser.Page);
        Assert.True(browser.Says("<meta name=\"clerk-host\" content=\"127.0.0.1\""), browser.Page);
        Assert.Matches("<script src=\"/clerk[^\"]*\\.js\" type=\"module\">", browser.Page);
        Assert.Empty(browser.Forms);
        Assert.False(browser.Says("type=\"password\""), browser.Page);
        Assert.Equal(
            "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' https://127.0.0.1 https://challenges.cloudflare.com https://*.protect.clerk.com; " +
            "img-src 'self' https://img.clerk.com; connect-src 'self' https://127.0.0.1 https://*.protect.clerk.com:*; worker-src 'self' blob:; " +
            "frame-src https://challenges.cloudflare.com https://*.protect.clerk.com; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            browser.Policy);
    }

    [Fact]
    public async Task OtherPages_KeepTheSessionFreshAndOpenNothingElse()
    {
        const string User = "user_2abcDEF1111111111";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "hedy@example.com"));
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", _clerk.Token(User)));

        await browser.OpenAsync("/settings");

        Assert.True(browser.Says("name=\"clerk-key\""), browser.Page);
        Assert.Equal(
            "default-src 'none'; style-src 'self'; script-src 'self' https://127.0.0.1; img-src 'self'; connect-src 'self' https://127.0.0.1; " +
            "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            browser.Policy);
        Assert.DoesNotContain("password", browser.Forms);
        Assert.DoesNotContain("session", browser.Forms);
        await browser.OpenAsync("/welcome");
        Assert.False(browser.Says("clerk"), browser.Page);
        Assert.DoesNotContain("127.0.0.1", browser.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_TakesClerksCookieToo()
    {
        const string User = "user_2abcDEF2222222222";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "mary@example.com"));
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", _clerk.Token(User)));
        await browser.OpenAsync("/settings");

        await browser.SubmitAsync("/sign-out");

        Assert.Equal("/sign-in", browser.Path);
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Name == "__session");
    }

    [Fact]
    public async Task Delete_OfOneself_NeedsNoPasswordAndEndsTheUser()
    {
        const string User = "user_2abcDEF3333333333";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "joan@example.com"));
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", _clerk.Token(User)));
        await browser.OpenAsync("/settings");

        await browser.SubmitAsync("delete", ("Deleting.Sure", "true"));

        Assert.Equal("/welcome", browser.Path);
        browser.Take(new Cookie("__session", _clerk.Token(User)));
        await browser.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_WithATokenOfAnotherIssuer_LeadsToSigningIn()
    {
        await using var other = ClerkInstance.Start();
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", other.Token("user_2abcDEF0000000000")));

        await browser.OpenAsync("/settings");

        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    [GeneratedRegex("llmo_sk_[0-9A-Za-z]{38}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();
}
