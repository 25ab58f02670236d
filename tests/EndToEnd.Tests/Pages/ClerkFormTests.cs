using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>
/// What our script does with Clerk's, in a real browser under the pages' own policy. Clerk's is a stand-in with the calls that its documentation
/// names: what the real one does with them is not seen here.
/// </summary>
public sealed class ClerkFormTests : IAsyncLifetime
{
    private const string StandIn = """
        window.Clerk = {
          session: sessionStorage.getItem('signed-in') ? { getToken: async () => { document.cookie = `__session=${sessionStorage.getItem('token')}; path=/`; } } : null,
          load: async (options) => { window.clerkOptions = options; },
          mountSignIn: (place) => { place.innerHTML = '<p id="form">sign in here</p>'; },
          mountSignUp: (place) => { place.innerHTML = '<p id="form">sign up here</p>'; },
          signOut: async (options) => { sessionStorage.removeItem('signed-in'); location.href = options.redirectUrl; },
        };
        """;

    private readonly ClerkInstance _clerk = ClerkInstance.Start();
    private readonly ServerFolder _folder = ServerFolder.Create();
    private readonly Chromium _chromium = new();
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        await _chromium.InitializeAsync();
        _server = await ServerProcess.StartAsync(_folder, new ServerSettings { Environment = _clerk.Environment });
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
        await _clerk.DisposeAsync();
        await _chromium.DisposeAsync();
    }

    [Theory]
    [InlineData("/sign-in?return=/caps", "sign in here", "/caps")]
    [InlineData("/sign-up", "sign up here", "/onboarding")]
    public async Task Form_OfAVisitor_IsMountedAndKnowsTheWayBack(string path, string form, string back)
    {
        await using var window = await OpenAsync();

        await window.Page.GotoAsync(path);

        await window.Page.GetByText(form).WaitForAsync();
        Assert.Equal(back, await window.Page.EvaluateAsync<string>("clerkOptions.signInForceRedirectUrl"));
        Assert.True(await window.Page.EvaluateAsync<bool>("clerkOptions.ui.ClerkUI === 'ui'"));
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Session_WhoseCookieIsOver_IsRenewedAndLeadsBackAndOut()
    {
        const string User = "user_2abcDEF4444444444";
        await _clerk.TellAsync(_server, ClerkInstance.UserCreated(User, "radia@example.com"));
        await using var window = await OpenAsync();
        await window.Page.GotoAsync("/welcome");
        await SignInAtClerkAsync(window, _clerk.Token(User));

        await window.Page.GotoAsync("/settings/keys");

        await window.Page.WaitForURLAsync("**/settings/keys");
        await window.Page.WaitForFunctionAsync("window.clerkOptions");
        await window.Page.Locator("details.menu > summary").ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await window.Page.GetByText("sign in here").WaitForAsync();
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Session_ThatThisServerRefuses_SaysSoAndGoesRoundNoCircle()
    {
        await using var other = ClerkInstance.Start();
        await using var window = await OpenAsync();
        await window.Page.GotoAsync("/welcome");
        await SignInAtClerkAsync(window, other.Token("user_2abcDEF5555555555"));

        await window.Page.GotoAsync("/settings");

        await window.Page.GetByText("this server does not take your session").WaitForAsync();
        Assert.Contains("/sign-in", window.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clerk_ThatDoesNotAnswer_IsSaid()
    {
        await using var window = await _chromium.OpenAsync(_server.Dashboard);
        await window.Page.RouteAsync("https://127.0.0.1/**", route => route.AbortAsync());

        await window.Page.GotoAsync("/sign-in");

        await window.Page.GetByText("Clerk does not answer now").WaitForAsync();
    }

    private async Task<Window> OpenAsync()
    {
        var window = await _chromium.OpenAsync(_server.Dashboard);
        await window.Page.RouteAsync("https://127.0.0.1/npm/**", route => route.FulfillAsync(new()
        {
            Status = (int)HttpStatusCode.OK,
            ContentType = "text/javascript",
            Headers = new Dictionary<string, string> { ["access-control-allow-origin"] = "*" },
            Body = route.Request.Url.Contains("/@clerk/ui@", StringComparison.Ordinal) ? "window.__internal_ClerkUICtor = 'ui';" : StandIn,
        }));
        return window;
    }

    private static async Task SignInAtClerkAsync(Window window, string token) => await window.Page.EvaluateAsync(
        "token => { sessionStorage.setItem('signed-in', 'yes'); sessionStorage.setItem('token', token); }", token);
}
