using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>People with several accounts, and people with little to say in one.</summary>
[Collection(PagesCollection.Name)]
public sealed class AccountPagesTests(DashboardFixture fixture)
{
    [Fact]
    public async Task Switch_ToAnotherAccountAndBack_ShowsTheFiguresOfEach()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync([Harness.Events.Call("mine")])).Expect(HttpStatusCode.Created);
        (await client.SendAsync(HttpMethod.Post, "tenants", new JsonObject { ["name"] = "Second Ltd" })).Expect(HttpStatusCode.OK);
        var page = window.Page;
        await page.GotoAsync("/");
        Assert.Equal(1, await Window.ValueAsync(window.Figure("Requests")));

        await page.Locator("details.menu > summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Second Ltd" }).ClickAsync();
        await page.GetByText("No calls yet").WaitForAsync();
        Assert.Equal("Second Ltd", await page.Locator(".menu .account").InnerTextAsync());

        await page.Locator("details.menu > summary").ClickAsync();
        await page.Locator("form[action='/switch'] button").First.ClickAsync();
        await page.Locator("#figures").WaitForAsync();
        Assert.Equal(1, await Window.ValueAsync(window.Figure("Requests")));
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task ThingsOfAnotherAccount_ByTheirAddress_AreNotThere()
    {
        var (ours, window) = await fixture.ArriveAsync();
        using var program = ours;
        await using var browser = window;
        using var theirs = await ApiClient.SignUpAsync(fixture.Server);
        var call = Harness.Events.Call("secret");
        call["run_id"] = "their-run";
        call["customer_id"] = "their-customer";
        (await theirs.PostEventsAsync([call])).Expect(HttpStatusCode.Created);
        var cap = await theirs.CreateCapAsync("global", null, 77);

        foreach (var path in new[] { "/runs/their-run", $"/caps/{cap}" })
        {
            var answer = await window.Page.GotoAsync(path);
            Assert.Equal(404, answer!.Status);
            Assert.DoesNotContain("77", await window.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        }

        await window.Page.GotoAsync("/customers/their-customer");
        Assert.Equal(0, await Window.ValueAsync(window.Figure("Calls")));
        var file = await window.Page.APIRequest.GetAsync("/export/customers?hours=24&format=csv");
        Assert.DoesNotContain("their", await file.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_Together_StaySmall()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        await window.Page.GotoAsync("/");

        var files = await window.Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('script[src], link[rel=stylesheet]')].map(file => file.src || file.href)");
        var sizes = await Task.WhenAll(files.Select(async file => (await (await window.Page.APIRequest.GetAsync(file)).BodyAsync()).Length));

        Assert.NotEmpty(files);
        // Before they are compressed.
        Assert.InRange(sizes.Sum(), 1, 64 * 1024);
    }
}
