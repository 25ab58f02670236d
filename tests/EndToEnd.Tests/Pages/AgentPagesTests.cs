using System.Net;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>The page of agents, without scripts, against what programs have sent.</summary>
public sealed partial class AgentPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    private readonly ServerProcess _server = running.Server;
    private readonly SentRuns _runs = new(running.Server);

    [Fact]
    public async Task Agents_EventsSent_ShowWhatEachCosts()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(account, _runs.Call("a", "r", 0), _runs.Call("b", "r", 1), SentRuns.With(_runs.Call("c", "r", 2), ("section_path", "agent:writer")));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/agents");
        var all = browser.Page;
        await browser.OpenAsync("/agents?agent=researcher");

        Assert.Contains("<data value=\"0.0105\"", all, StringComparison.Ordinal);
        Assert.Contains("href=\"/agents?agent=researcher\"", all, StringComparison.Ordinal);
        Assert.Contains("Recent runs of researcher", browser.Page, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/r\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<data value=\"0.007\"", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_SectionsSent_AreATreeWithCostAtEachLevel()
    {
        using var account = await ApiClient.SignUpAsync(_server);
        await SentRuns.SendAsync(
            account,
            SentRuns.With(_runs.Call("a", "r", 0), ("section_path", "agent:a")),
            SentRuns.With(_runs.Call("b", "r", 1), ("section_path", "agent:a/tool:x")),
            SentRuns.With(_runs.Call("c", "r", 2), ("section_path", "agent:a/tool:x/step:<b>y</b>"), ("latency_ms", 100)));
        using var browser = await _runs.BrowserOfAsync(account);

        await browser.OpenAsync("/agents");
        var tree = Sections(browser);
        await browser.OpenAsync("/agents?customer=acme");

        // The path is cut at its slashes, also at those of somebody's markup.
        Assert.Equal(
            [("agent:a", "0.0105"), ("calls of its own", "0.0035"), ("tool:x", "0.007"), ("calls of its own", "0.0035"), ("step:<b>y<", "0.0035"), ("b>", "0.0035")],
            tree);
        Assert.Empty(Sections(browser));
        Assert.Contains("cannot be narrowed to one", browser.Page, StringComparison.Ordinal);
        Assert.Contains("href=\"/agents?customer=acme&agent=a\"", browser.Page, StringComparison.Ordinal);
    }

    /// <summary>The tree of sections from top to bottom: what each is called, and its cost.</summary>
    private static List<(string Name, string Cost)> Sections(Browser browser) =>
        [.. SectionPattern().Matches(browser.Source).Select(match => (WebUtility.HtmlDecode(TagPattern().Replace(match.Groups["name"].Value, "")), match.Groups["cost"].Value))];

    [GeneratedRegex("<(div|summary) class=\"section[^\"]*\">\\s*<span class=\"name\">(?<name>.*?)</span>\\s*<svg.*?<data value=\"(?<cost>[^\"]*)\"", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex SectionPattern();

    [GeneratedRegex("<[^>]*>", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TagPattern();
}
