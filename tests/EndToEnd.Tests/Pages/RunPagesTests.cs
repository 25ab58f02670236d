using System.Net;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>The pages of runs, without scripts, against what programs have sent.</summary>
public sealed partial class RunPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    /// <summary>What no page may take for markup, and no link may lose.</summary>
    private const string Hostile = "<script>alert(1)</script>\"'&amp;/..%2F #?ü😀";

    private readonly ServerProcess _server = running.Server;
    private readonly SentRuns _runs = new(running.Server);

    [Fact]
    public async Task Runs_NoneYet_SaysHowTheyCome()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("No runs yet", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_EventsSent_ListsEachWithItsExactFigures()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, _runs.Call("a", "dear", 0), _runs.Call("b", "dear", 7_000), SentRuns.With(_runs.Call("c", "cheap", 9_000), ("input_tokens", 1), ("output_tokens", 0)));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs");

        var rows = Rows(browser);
        Assert.Equal(2, rows.Count);
        Assert.Contains("href=\"/runs/cheap\"", rows[0], StringComparison.Ordinal);
        Assert.Contains("<data value=\"0.0000025\" title=\"$0.0000025\">$0.0000025</data>", rows[0], StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/dear\"", rows[1], StringComparison.Ordinal);
        Assert.Contains("<data value=\"0.007\"", rows[1], StringComparison.Ordinal);
        Assert.Contains("<data value=\"2000\"", rows[1], StringComparison.Ordinal);
        Assert.Contains(">7 s<", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_MoreThanAPage_AreWalkedByLinks()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, [.. Enumerable.Range(0, 60).Select(i => _runs.Call($"e{i}", $"run-{i}", 1_000 * i))]);
        using var browser = await _runs.BrowserOfAsync(account);

        var seen = new List<string>();
        for (var next = "/runs?range=24h"; next is not null; next = NextPattern().Match(browser.Page) is { Success: true } link ? link.Groups["to"].Value : null)
        {
            await browser.OpenAsync(next);
            Assert.Contains("range=24h", browser.Path, StringComparison.Ordinal);
            seen.AddRange(Rows(browser).Select(row => RunPattern().Match(row).Groups["run"].Value));
        }

        Assert.Equal(Enumerable.Range(0, 60).Reverse().Select(i => $"run-{i}"), seen);
    }

    [Fact]
    public async Task Runs_FilteredByAgent_ShowsItsRunsOnly()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, _runs.Call("a", "one", 0), SentRuns.With(_runs.Call("b", "two", 1_000), ("section_path", "agent:writer"), ("section", "agent:writer")));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs?agent=writer");

        Assert.Contains("href=\"/runs/two\"", Assert.Single(Rows(browser)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one", 1)]
    [InlineData(" one ", 1)]
    [InlineData("on", 0)]
    [InlineData("latest", 0)]
    public async Task Runs_SearchedById_FindsTheOneOfThatId(string text, int found)
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, _runs.Call("a", "one", 0), _runs.Call("b", "two", 1));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync($"/runs?q={Uri.EscapeDataString(text)}");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        var rows = Rows(browser);
        Assert.Equal(found, rows.Count);
        Assert.All(rows, row => Assert.Contains("href=\"/runs/one\"", row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_CallsSent_AreATreeOnOneTimeAxis()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(
            account,
            SentRuns.With(_runs.Call("root", "r", 4_000), ("latency_ms", 4_000)),
            SentRuns.With(_runs.Call("first", "r", 2_000, "root"), ("latency_ms", 1_000)),
            SentRuns.With(_runs.Call("below", "r", 1_500, "first"), ("latency_ms", 500), ("status", "time out")),
            SentRuns.With(_runs.Call("second", "r", 3_000, "root"), ("latency_ms", 1_000), ("model", "a-model-nobody-prices"), ("cost_usd", 0.000001)));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs/r");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("<data value=\"0.010501\"", browser.Page, StringComparison.Ordinal);
        var lines = Rows(browser);
        Assert.Equal(["root", "first", "below", "second"], lines.Select(line => KeyPattern().Match(line).Groups["key"].Value));
        Assert.Equal([("0", "1000"), ("250", "250"), ("250", "125"), ("500", "250")], lines.Select(Bar));
        Assert.Equal(["", "level 2, ", "level 3, ", "level 2, "], lines.Select(line => LevelPattern().Match(line).Value));
        Assert.Equal([false, false, true, false], lines.Select(line => line.Contains(">time out</span>", StringComparison.Ordinal)));
        Assert.Equal([false, false, false, true], lines.Select(line => line.Contains(">no price</span>", StringComparison.Ordinal)));
        Assert.All(lines[..3], line => Assert.Contains("<data value=\"0.0035\"", line, StringComparison.Ordinal));
        Assert.Contains("<dt>Model as sent</dt><dd>gpt-4o-2024-08-06</dd>", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_HostileNames_AreShownAsTheyAreAndNeverMarkup()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, SentRuns.With(
            _runs.Call("h", Hostile, 0),
            ("id", Hostile), ("span_id", Hostile), ("section", Hostile), ("section_path", "agent:" + Hostile), ("span_type", "x\"><i>"), ("provider", Hostile),
            ("endpoint", Hostile), ("model", Hostile), ("customer_id", Hostile), ("semantic_label", Hostile), ("status", "<b>")));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs");
        var list = browser.Source;
        await browser.OpenAsync(WebUtility.HtmlDecode(RunPattern().Match(list).Groups["to"].Value));
        var run = browser.Source;
        await browser.OpenAsync("/agents");

        Assert.Contains(Hostile, WebUtility.HtmlDecode(list), StringComparison.Ordinal);
        Assert.Contains($"<dt>Endpoint</dt><dd>{Hostile}</dd>", WebUtility.HtmlDecode(run), StringComparison.Ordinal);
        Assert.All([list, run, browser.Source], page =>
        {
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<i>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("><b>", page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Run_OfAnotherAccount_IsNotThere()
    {
        using var owner = await ApiClient.SignUpAsync(_server);
        using var other = await ApiClient.SignUpAsync(_server, "other");
        await SentRuns.SendAsync(owner, _runs.Call("a", "private", 0));
        using var stranger = await _runs.BrowserOfAsync(other);

        await stranger.OpenAsync("/runs/private");

        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        Assert.Contains("There is no such run", stranger.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<data", stranger.Source, StringComparison.Ordinal);
        await stranger.OpenAsync("/runs");
        Assert.Empty(Rows(stranger));
    }

    [Theory]
    [InlineData("/runs/latest")]
    [InlineData("/runs/%01")]
    [InlineData("/runs/never-sent")]
    public async Task Run_OfNoSuchId_IsAFriendlyPageWith404(string path)
    {
        using var account = await ApiClient.SignUpAsync(_server);
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("href=\"/runs\"", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LongerThanAPageShows_SaysSo()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, [.. Enumerable.Range(0, 1_001).Select(i => _runs.Call($"e{i}", "long", i))]);
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/runs/long");

        Assert.Equal(1_000, Rows(browser).Count);
        Assert.Contains("calls are shown", browser.Page, StringComparison.Ordinal);
        // All of them: 1,001 times 0.0035.
        Assert.Contains("<data value=\"3.5035\"", browser.Page, StringComparison.Ordinal);
    }

    /// <summary>The lines of the page's first table.</summary>
    private static List<string> Rows(Browser browser) =>
        [.. RowPattern().Matches(BodyPattern().Match(browser.Page).Value).Select(match => match.Value)];

    private static (string Left, string Width) Bar(string line)
    {
        var bar = BarPattern().Match(line);
        return (bar.Groups["left"].Value, bar.Groups["width"].Value);
    }

    [GeneratedRegex("<tbody>.*?</tbody>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex BodyPattern();

    [GeneratedRegex("<tr>.*?</tr>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RowPattern();

    [GeneratedRegex("href=\"(?<to>/runs/(?<run>[^\"]*))\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RunPattern();

    [GeneratedRegex("href=\"(?<to>[^\"]*)\" rel=\"next\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex NextPattern();

    [GeneratedRegex("data-key=\"(?<key>[^\"]*)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex("x=\"(?<left>[^\"]*)\" width=\"(?<width>[^\"]*)\" height", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex BarPattern();

    [GeneratedRegex("level [0-9]+, ", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LevelPattern();
}
