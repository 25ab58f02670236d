using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>The pages of runs, without scripts, against what programs have sent.</summary>
public sealed partial class RunPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    /// <summary>What no page may take for markup, and no link may lose.</summary>
    private const string Hostile = "<script>alert(1)</script>\"'&amp;/..%2F #?ü😀";

    private readonly ServerProcess _server = running.Server;
    private readonly DateTimeOffset _hourAgo = TimeProvider.System.GetUtcNow().AddHours(-1);

    [Fact]
    public async Task Runs_NoneYet_SaysHowTheyCome()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        using var browser = await BrowserOfAsync(account);

        await browser.OpenAsync("/runs");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("No runs yet", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_EventsSent_ListsEachWithItsExactFigures()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SendAsync(account, Call("a", "dear", 0), Call("b", "dear", 7_000), With(Call("c", "cheap", 9_000), ("input_tokens", 1), ("output_tokens", 0)));
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(account, [.. Enumerable.Range(0, 60).Select(i => Call($"e{i}", $"run-{i}", 1_000 * i))]);
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(account, Call("a", "one", 0), With(Call("b", "two", 1_000), ("section_path", "agent:writer"), ("section", "agent:writer")));
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(account, Call("a", "one", 0), Call("b", "two", 1));
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(
            account,
            With(Call("root", "r", 4_000), ("latency_ms", 4_000)),
            With(Call("first", "r", 2_000, "root"), ("latency_ms", 1_000)),
            With(Call("below", "r", 1_500, "first"), ("latency_ms", 500), ("status", "time out")),
            With(Call("second", "r", 3_000, "root"), ("latency_ms", 1_000), ("model", "a-model-nobody-prices"), ("cost_usd", 0.000001)));
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(account, With(
            Call("h", Hostile, 0),
            ("id", Hostile), ("span_id", Hostile), ("section", Hostile), ("section_path", "agent:" + Hostile), ("span_type", "x\"><i>"), ("provider", Hostile),
            ("endpoint", Hostile), ("model", Hostile), ("customer_id", Hostile), ("semantic_label", Hostile), ("status", "<b>")));
        using var browser = await BrowserOfAsync(account);

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
        await SendAsync(owner, Call("a", "private", 0));
        using var stranger = await BrowserOfAsync(other);

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
        using var browser = await BrowserOfAsync(account);

        await browser.OpenAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("href=\"/runs\"", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LongerThanAPageShows_SaysSo()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SendAsync(account, [.. Enumerable.Range(0, 1_001).Select(i => Call($"e{i}", "long", i))]);
        using var browser = await BrowserOfAsync(account);

        await browser.OpenAsync("/runs/long");

        Assert.Equal(1_000, Rows(browser).Count);
        Assert.Contains("calls are shown", browser.Page, StringComparison.Ordinal);
        // All of them: 1,001 times 0.0035.
        Assert.Contains("<data value=\"3.5035\"", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_EventsSent_ShowWhatEachCosts()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SendAsync(account, Call("a", "r", 0), Call("b", "r", 1), With(Call("c", "r", 2), ("section_path", "agent:writer")));
        using var browser = await BrowserOfAsync(account);

        await browser.OpenAsync("/agents");
        var all = browser.Page;
        await browser.OpenAsync("/agents?agent=researcher");

        Assert.Contains("<data value=\"0.0105\"", all, StringComparison.Ordinal);
        Assert.Contains("href=\"/agents?agent=researcher\"", all, StringComparison.Ordinal);
        Assert.Contains("Recent runs of researcher", browser.Page, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/r\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<data value=\"0.007\"", browser.Page, StringComparison.Ordinal);
    }

    private async Task<Browser> BrowserOfAsync(ApiClient account)
    {
        var browser = new Browser(_server.Dashboard);
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("sign-in", ("Form.Email", account.Account.Email), ("Form.Password", account.Account.Password));
        return browser;
    }

    private static async Task SendAsync(ApiClient account, params JsonObject[] events) => Assert.Equal(
        events.Length, (await account.PostEventsAsync(events)).Expect(HttpStatusCode.Created).GetProperty("created").GetInt32());

    /// <summary>A call of 0.0035 dollars that ended some milliseconds after an hour ago.</summary>
    private JsonObject Call(string id, string run, int atMs, string? parent = null) => With(
        Harness.Events.Call(id), ("run_id", run), ("parent_span_id", parent), ("occurred_at", _hourAgo.AddMilliseconds(atMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ")));

    private static JsonObject With(JsonObject call, params (string Name, JsonNode? Value)[] values)
    {
        foreach (var (name, value) in values)
        {
            call[name] = value;
        }

        return call;
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
