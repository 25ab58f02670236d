using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Figures that move by themselves.</summary>
[Collection(PagesCollection.Name)]
public sealed class LiveTests(DashboardFixture fixture)
{
    [Fact]
    public async Task Event_ThreeTabsOpen_MovesTheFigureOfEachWithoutReload()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);
        IPage[] tabs = [window.Page, await window.OpenTabAsync(), await window.OpenTabAsync()];
        foreach (var tab in tabs)
        {
            await tab.GotoAsync("/");
            await LiveAsync(tab);
            await tab.EvaluateAsync("window.sameDocument = true");
        }

        (await client.PostEventsAsync([Harness.Events.Call("second"), Harness.Events.Call("third")])).Expect(HttpStatusCode.Created);

        var cost = await new LedgerRows(fixture.Database, client.Account).CostAsync();
        foreach (var tab in tabs)
        {
            await tab.Locator($"#periods .figure data[value='{cost}']").First.WaitForAsync();
            await tab.Locator("#figures .figure data[value='3']").First.WaitForAsync();
            Assert.True(await tab.EvaluateAsync<bool>("window.sameDocument === true"));
        }

        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Event_OfAnotherAccount_MovesNothing()
    {
        var (ours, window) = await fixture.ArriveAsync();
        var (theirs, other) = await fixture.ArriveAsync();
        using var program = ours;
        using var program2 = theirs;
        await using var browser = window;
        await using var browser2 = other;
        (await ours.PostEventsAsync([Harness.Events.Call("ours")])).Expect(HttpStatusCode.Created);
        (await theirs.PostEventsAsync([Harness.Events.Call("theirs")])).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/");
        await other.Page.GotoAsync("/");
        await LiveAsync(window.Page);
        await LiveAsync(other.Page);

        (await theirs.PostEventsAsync([Harness.Events.Call("theirs too")])).Expect(HttpStatusCode.Created);
        await other.Page.Locator("#figures .figure data[value='2']").First.WaitForAsync();

        // Whatever had come to the other page would have come here as well: one more of ours shows what did.
        Assert.Equal(1, await Window.ValueAsync(window.Figure("Requests")));
        (await ours.PostEventsAsync([Harness.Events.Call("ours too")])).Expect(HttpStatusCode.Created);
        await window.Page.Locator("#figures .figure data[value='2']").First.WaitForAsync();
    }

    [Fact]
    public async Task Menu_OpenWhileFiguresMove_StaysOpen()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/");
        await LiveAsync(window.Page);
        var table = window.Page.GetByText("As a table");
        await table.ClickAsync();

        (await client.PostEventsAsync([Harness.Events.Call("second")])).Expect(HttpStatusCode.Created);
        await window.Page.Locator("#figures .figure data[value='2']").First.WaitForAsync();

        Assert.True(await window.Page.Locator("#spend details").EvaluateAsync<bool>("details => details.open"));
    }

    [Fact]
    public async Task Run_GrowsAboveACallThatStandsOpen_KeepsThatOneOpenAndFocused()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var runs = new SentRuns(fixture.Server);
        await SentRuns.SendAsync(client, runs.Call("root", "growing", 9_000), runs.Call("late", "growing", 5_000, "root"));
        await window.Page.GotoAsync("/runs/growing");
        await LiveAsync(window.Page);
        await window.Page.Locator("details[data-key=late] > summary").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");

        await SentRuns.SendAsync(client, runs.Call("early", "growing", 1_000, "root"));
        await window.Page.Locator("details[data-key=early]").WaitForAsync();

        Assert.Equal("root early late", await window.Page.EvaluateAsync<string>("[...document.querySelectorAll('.trace details')].map(call => call.dataset.key).join(' ')"));
        Assert.Equal("late", await window.Page.EvaluateAsync<string>("[...document.querySelectorAll('.trace details[open]')].map(call => call.dataset.key).join(' ')"));
        Assert.Equal("late", await window.Page.EvaluateAsync<string>("document.activeElement.parentElement.dataset.key"));
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Search_TypedAndNotSentYet_StaysWhileFiguresMove()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/llms");
        await LiveAsync(window.Page);
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("half a na");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).FocusAsync();

        (await client.PostEventsAsync([Harness.Events.Call("second")])).Expect(HttpStatusCode.Created);
        await window.Page.Locator("#table tbody data[value='2']").First.WaitForAsync();

        Assert.Equal("half a na", await window.Page.GetByRole(AriaRole.Searchbox).InputValueAsync());
    }

    [Theory]
    [InlineData(503, "")]
    [InlineData(200, "<div role=alert data-problem=silent>The server does not answer now.</div>")]
    public async Task Page_ThatCannotBeMadeForAMoment_StaysAndCatchesUpWithoutAnotherChange(int status, string body)
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/");
        await LiveAsync(window.Page);
        await window.Page.Locator("#figures .figure data[value='1']").First.WaitForAsync();
        await window.Page.EvaluateAsync("window.sameDocument = true");
        var failed = new TaskCompletionSource();
        await window.Page.RouteAsync(
            url => new Uri(url).AbsolutePath == "/",
            async route =>
            {
                await route.FulfillAsync(new() { Status = status, ContentType = "text/html", Body = body });
                failed.TrySetResult();
            },
            new() { Times = 1 });

        (await client.PostEventsAsync([Harness.Events.Call("second")])).Expect(HttpStatusCode.Created);
        await failed.Task;

        await window.Page.Locator("#figures .figure data[value='2']").First.WaitForAsync();
        await LiveAsync(window.Page);
        Assert.True(await window.Page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    [Fact]
    public async Task Account_SwitchedInAnotherTab_IsTheOneThatThisTabShowsNext()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var other = new System.Text.Json.Nodes.JsonObject { ["name"] = "The other" };
        (await client.SendAsync(HttpMethod.Post, "tenants", other)).Expect(HttpStatusCode.OK);
        (await client.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/agents");
        await LiveAsync(window.Page);
        var tab = await window.OpenTabAsync();
        await tab.GotoAsync("/");
        await tab.Locator("details.menu > summary").ClickAsync();
        await tab.GetByRole(AriaRole.Button, new() { Name = "The other" }).ClickAsync();
        await tab.Locator("summary .account", new() { HasTextString = "The other" }).WaitForAsync();

        (await client.PostEventsAsync([Harness.Events.Call("second")])).Expect(HttpStatusCode.Created);

        // Not the figures of one account below the name of the other.
        await window.Page.Locator("summary .account", new() { HasTextString = "The other" }).WaitForAsync();
        await window.Page.Locator("#figures .figure data[value='0']").First.WaitForAsync();
    }

    [Fact]
    public async Task Page_ThatAnswersAForm_IsNotFetchedAgain()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var id = await client.CreateCapAsync("customer", "acme", 5);
        await window.Page.GotoAsync($"/caps/{id}");
        await LiveAsync(window.Page);

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await window.Page.GetByText("With the values below").WaitForAsync();

        Assert.Equal(0, await window.Page.Locator("[data-live-state]").CountAsync());
    }

    /// <summary>Waits until the page says that it is live.</summary>
    internal static Task LiveAsync(IPage page) => page.Locator("[data-live-state=on]").WaitForAsync();
}
