using System.Net;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>The way from signing up to a first event, as the pages show it.</summary>
public sealed partial class OnboardingTests(RunningServer running) : IClassFixture<RunningServer>
{
    private readonly ServerProcess _server = running.Server;

    [Fact]
    public async Task Curl_FromTheSignUpAnswer_IsCountedAndShown()
    {
        using var browser = await SignUpAsync();
        var curl = browser.Commands.Single(command => command.StartsWith("curl", StringComparison.Ordinal));
        await browser.OpenAsync("/onboarding");
        Assert.True(browser.Says("Waiting for your first event…"), browser.Page);

        var output = await Programs.SucceedAsync(Programs.Command("/bin/sh", ["-c", curl]));

        Assert.Contains("\"created\":1", output, StringComparison.Ordinal);
        await browser.OpenAsync("/onboarding");
        Assert.False(browser.Says("Waiting for your first event…"), browser.Page);
        Assert.True(browser.Says("a call to gpt-4o that cost <data value=\"0.006\""), browser.Page);
    }

    [Fact]
    public async Task Node_FromTheSignUpAnswer_IsCountedAndShown()
    {
        using var browser = await SignUpAsync();
        await using var folder = ServerFolder.Create();
        // What npm install would bring, from where it was installed for these tests.
        Assert.Contains("npm install llmobserve openai", browser.Commands);
        Directory.CreateSymbolicLink(Path.Combine(folder.Scratch, "node_modules"), Path.Combine(Programs.Npm, "node_modules"));
        var program = Path.Combine(folder.Scratch, "app.mjs");
        await File.WriteAllTextAsync(program, browser.Commands.Single(command => command.Contains("from 'llmobserve'", StringComparison.Ordinal)));

        var start = Programs.Command("node", [program]);
        start.Environment["OPENAI_API_KEY"] = "of-nobody";
        start.Environment["NODE_OPTIONS"] = Programs.CannedProviders;
        var output = await Programs.SucceedAsync(start);

        Assert.Contains("How can I assist you today?", output, StringComparison.Ordinal);
        await browser.OpenAsync("/onboarding");
        Assert.True(browser.Says("a call to gpt-4o-mini that cost"), browser.Page);
    }

    [Fact]
    public async Task SignUpAnswer_Refreshed_FindsTheSamePartsOnTheOtherPage()
    {
        using var browser = await SignUpAsync();
        var parts = LiveParts(browser);
        Assert.NotEmpty(parts);
        Assert.True(browser.Says("data-live-from=\"/onboarding\""), browser.Page);

        await browser.OpenAsync("/onboarding");

        Assert.Equal(parts, LiveParts(browser));
    }

    [Fact]
    public async Task Key_InEverySnippet_IsThatOfTheSignUpAndShownOnce()
    {
        using var browser = await SignUpAsync();
        var key = KeyPattern().Match(browser.Page).Value;
        var programs = browser.Commands.Where(command => command.Contains(_server.Api.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)).ToList();

        Assert.Equal(4, programs.Count);
        Assert.All(programs, program => Assert.Contains(key, program, StringComparison.Ordinal));
        await browser.OpenAsync("/onboarding");
        Assert.False(KeyPattern().IsMatch(browser.Page), browser.Page);
        Assert.All(
            browser.Commands.Where(command => command.Contains(_server.Api.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)),
            program => Assert.Contains("YOUR_KEY", program, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Key_MadeThere_IsFilledInOnceAndWorks()
    {
        using var browser = await SignUpAsync();
        await browser.OpenAsync("/onboarding");

        await browser.SubmitAsync("fill");

        var key = KeyPattern().Match(browser.Page).Value;
        Assert.Equal(5, browser.Commands.Count(command => command.Contains(key, StringComparison.Ordinal)));
        using var program = _server.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var check = await program.GetAsync("caps/check");
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        await browser.OpenAsync("/onboarding");
        Assert.False(KeyPattern().IsMatch(browser.Page), browser.Page);
    }

    [Fact]
    public async Task Welcome_ForAVisitor_LeadsToSigningUp()
    {
        using var browser = new Browser(_server.Dashboard);

        await browser.OpenAsync("/");

        Assert.StartsWith("/welcome", browser.Path, StringComparison.Ordinal);
        Assert.True(browser.Says("<a class=\"button primary\" href=\"/sign-up\">"), browser.Page);
    }

    private async Task<Browser> SignUpAsync()
    {
        var browser = new Browser(_server.Dashboard);
        await browser.OpenAsync("/sign-up");
        await browser.SubmitAsync("sign-up", ("Form.Name", "Ada"), ("Form.Email", $"{Guid.NewGuid():N}@example.com"), ("Form.Password", "a sentence of mine"));
        return browser;
    }

    private static string[] LiveParts(Browser browser) =>
        [.. LivePattern().Matches(browser.Page).Select(match => match.Groups["id"].Value)];

    [GeneratedRegex("<[^>]*\\sid=\"(?<id>[^\"]*)\"[^>]*\\sdata-live[\\s>=](?!from)[^>]*>", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LivePattern();

    [GeneratedRegex("llmo_sk_[0-9A-Za-z]{38}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();
}
