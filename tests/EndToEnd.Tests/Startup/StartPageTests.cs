using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Startup;

/// <summary>What the start page tells a newcomer works as it stands there.</summary>
public sealed partial class StartPageTests(RunningServer running) : IClassFixture<RunningServer>, IDisposable
{
    private readonly ServerProcess _server = running.Server;
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Commands_PastedInOrder_EndWithACallDenied()
    {
        var commands = await CommandsAsync();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);

        var signedUp = await PasteAsync(commands.Single(command => command.Contains("/auth/signup", StringComparison.Ordinal)), variables);
        variables["TOKEN"] = (string)signedUp["token"]!;
        variables["KEY"] = (string)signedUp["api_key"]!["key"]!;
        var sendEvent = commands.Single(command => command.Contains("/events/", StringComparison.Ordinal));
        var check = commands.Single(command => command.Contains("/caps/check", StringComparison.Ordinal));
        var first = await PasteAsync(sendEvent, variables);
        await PasteAsync(commands.Single(command => command.Contains("/caps/ ", StringComparison.Ordinal)), variables);
        var allowed = await PasteAsync(check, variables);
        var again = await PasteAsync(sendEvent, variables);
        var second = await PasteAsync(sendEvent.Replace("\"first\"", "\"second\"", StringComparison.Ordinal), variables);
        var denied = await PasteAsync(check, variables);

        Assert.Equal(1, (int)first["created"]!);
        Assert.True((bool)allowed["allowed"]!);
        Assert.Equal(1, (int)again["skipped"]!);
        Assert.Equal(1, (int)second["created"]!);
        Assert.False((bool)denied["allowed"]!);
    }

    [Fact]
    public async Task Page_Serving_SaysThatTheEngineRuns()
    {
        Assert.Contains("The cost engine is running", await _http.GetStringAsync(_server.Dashboard), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Everything_ComesFromItsOwnAddress()
    {
        using var answer = await _http.GetAsync(_server.Dashboard);
        var page = await answer.Content.ReadAsStringAsync();

        var files = FilePattern().Matches(page).Select(match => match.Groups["file"].Value).ToList();

        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.True(files.Count >= 3, page);
        foreach (var file in files)
        {
            Assert.DoesNotContain("//", file, StringComparison.Ordinal);
            using var found = await _http.GetAsync(new Uri(_server.Dashboard, file));
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        }
    }

    // What the copy buttons put into the clipboard.
    private async Task<List<string>> CommandsAsync() =>
        [.. CopyPattern().Matches(await _http.GetStringAsync(_server.Dashboard)).Select(match => WebUtility.HtmlDecode(match.Groups["text"].Value))];

    private static async Task<JsonNode> PasteAsync(string command, Dictionary<string, string> variables)
    {
        var shell = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            shell.Environment[name] = value;
        }

        // curl's own figures go to the other output, after the answer.
        var (exitCode, output) = await Programs.RunAsync(shell);
        Assert.True(exitCode == 0, $"{command}\n{output}");
        return JsonNode.Parse(output[..(output.LastIndexOf('}') + 1)])!;
    }

    [GeneratedRegex("data-copy=\"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CopyPattern();

    [GeneratedRegex("<(link|script)[^>]*(href|src)=\"(?<file>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FilePattern();
}
