using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Caps, as people make and change them on the pages.</summary>
[Collection(PagesCollection.Name)]
public sealed class CapPagesTests(DashboardFixture fixture)
{
    [Fact]
    public async Task NewCap_ReachedAlready_BlocksTheNextCheck()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync(Harness.Events.Batch("spent", 20))).Expect(HttpStatusCode.Created);
        Assert.True((await client.CheckAsync("customer_id=acme")).GetProperty("allowed").GetBoolean());

        await window.Page.GotoAsync("/caps");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Make the first one" }).ClickAsync();
        await window.Page.GetByLabel("What it limits").SelectOptionAsync("customer");
        await window.Page.GetByLabel("Which one").First.FillAsync("acme");
        await window.Page.GetByLabel("Limit in US dollars").FillAsync("0.000001");
        await window.Page.GetByLabel("Block further calls").CheckAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await window.Page.GetByText("It would have been reached once").WaitForAsync();
        Assert.Empty(await client.CapsAsync());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await window.Page.WaitForURLAsync(url => url.Contains("/caps/", StringComparison.Ordinal) && !url.EndsWith("/new", StringComparison.Ordinal));

        var cap = Assert.Single(await client.CapsAsync());
        Assert.Equal(cap.GetProperty("current_spend").GetDecimal(), await Window.ValueAsync(window.Figure("Spent, monthly")));
        Assert.False((await client.CheckAsync("customer_id=acme")).GetProperty("allowed").GetBoolean());
        Assert.True((await client.CheckAsync("customer_id=globex")).GetProperty("allowed").GetBoolean());
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Cap_ChangedAndRemovedOnThePage_IsSo()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var id = await client.CreateCapAsync("customer", "acme", 5);

        await window.Page.GotoAsync($"/caps/{id}");
        await window.Page.GetByLabel("Limit in US dollars").FillAsync("12.5");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await window.Page.Locator("#standing data[value='12.5']").First.WaitForAsync();
        Assert.Equal(12.5m, Assert.Single(await client.CapsAsync()).GetProperty("limit_amount").GetDecimal());

        await window.Page.GetByText("Remove it").ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Remove this cap" }).ClickAsync();
        await window.Page.GetByText("No caps yet").WaitForAsync();
        Assert.Empty(await client.CapsAsync());
    }

    [Fact]
    public async Task NewCap_WithFaults_NamesAllAndKeepsWhatWasTyped()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        await window.Page.GotoAsync("/caps/new");
        await window.Page.GetByLabel("What it limits").SelectOptionAsync("model");
        await window.Page.GetByLabel("Limit in US dollars").FillAsync("-3");
        await window.Page.GetByLabel("First warning").FillAsync("120");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();

        var faults = await window.Page.GetByRole(AriaRole.Alert).InnerTextAsync();

        Assert.Contains("target_name", faults, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("limit_amount", faults, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("alert_threshold", faults, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("-3", await window.Page.GetByLabel("Limit in US dollars").InputValueAsync());
        Assert.Empty(await client.CapsAsync());
    }

    [Fact]
    public async Task Hold_Taken_ShowsOnTheBarByItself()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var id = await client.CreateCapAsync("customer", "acme", 5);
        await window.Page.GotoAsync($"/caps/{id}");
        await LiveTests.LiveAsync(window.Page);

        (await client.AskAsync(new() { ["customer_id"] = "acme", ["estimate"] = new System.Text.Json.Nodes.JsonObject { ["cost_usd"] = 1.25m } })).Expect(HttpStatusCode.OK);

        await window.Page.Locator("#standing .figure data[value='1.25']").First.WaitForAsync();
    }
}
