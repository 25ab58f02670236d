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
        await _clerk.TellAsync(_server, Created(User, "ada@example.com"));
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
        await _clerk.TellAsync(_server, Created(User, "grace@example.com"));
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

    [Fact]
    public async Task Settings_WithATokenOfAnotherIssuer_LeadsToSigningIn()
    {
        await using var other = ClerkInstance.Start();
        using var browser = new Browser(_server.Dashboard);
        browser.Take(new Cookie("__session", other.Token("user_2abcDEF0000000000")));

        await browser.OpenAsync("/settings");

        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    private static JsonObject Created(string id, string email) => new()
    {
        ["object"] = "event",
        ["type"] = "user.created",
        ["data"] = new JsonObject
        {
            ["id"] = id,
            ["object"] = "user",
            ["first_name"] = "Ada",
            ["primary_email_address_id"] = "idn_1",
            ["email_addresses"] = new JsonArray(new JsonObject
            {
                ["id"] = "idn_1", ["email_address"] = email, ["verification"] = new JsonObject { ["status"] = "verified" },
            }),
            ["created_at"] = 1_700_000_000_000,
            ["updated_at"] = 1_700_000_000_000,
        },
    };

    [GeneratedRegex("llmo_sk_[0-9A-Za-z]{38}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();
}
