using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Filters live in the address.</summary>
[Collection(PagesCollection.Name)]
public sealed class FilterTests(DashboardFixture fixture)
{
    [Fact]
    public async Task Filters_Chosen_CombineAndSurviveReloadBackAndSharing()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync(Harness.Events.Batch("filtered", 60))).Expect(HttpStatusCode.Created);
        var page = window.Page;
        await page.GotoAsync("/");
        var all = await Window.ValueAsync(window.Figure("Spend, last 30 days"));

        await page.GetByLabel("Customer", new() { Exact = true }).FillAsync("acme");
        await page.GetByLabel("Customer", new() { Exact = true }).PressAsync("Enter");
        await page.WaitForURLAsync(url => url.EndsWith("/?customer=acme", StringComparison.Ordinal));
        await page.Locator("select[name=range]").SelectOptionAsync("24h");
        await page.WaitForURLAsync(url => url.Contains("range=24h", StringComparison.Ordinal));
        await page.GetByLabel("Agent", new() { Exact = true }).FillAsync("writer");
        await page.GetByLabel("Agent", new() { Exact = true }).PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains("agent=writer", StringComparison.Ordinal));

        var narrowed = await Window.ValueAsync(window.Figure("Spend"));
        var expected = (await client.GetAsync("stats/overview?hours=24&customer_id=acme&agent=writer")).GetProperty("total_cost").GetDecimal();
        Assert.Equal(expected, narrowed);
        Assert.True(narrowed < all);
        var address = page.Url;
        Assert.Contains("customer=acme", address, StringComparison.Ordinal);
        Assert.Contains("range=24h", address, StringComparison.Ordinal);

        await page.ReloadAsync();
        Assert.Equal(narrowed, await Window.ValueAsync(window.Figure("Spend")));
        var shared = await window.OpenTabAsync();
        await shared.GotoAsync(address);
        Assert.Equal("acme", await shared.GetByLabel("Customer", new() { Exact = true }).InputValueAsync());

        // The filter goes along to another page, and one of it can be taken off there.
        await page.GetByRole(AriaRole.Link, new() { Name = "LLMs" }).ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/llms?", StringComparison.Ordinal) && url.Contains("customer=acme", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Link, new() { Name = "agent: writer" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("agent=", StringComparison.Ordinal));
        await page.GoBackAsync();
        Assert.Contains("agent=writer", page.Url, StringComparison.Ordinal);
        await page.GoBackAsync();
        Assert.Equal(address, page.Url);
        Assert.Equal(narrowed, await Window.ValueAsync(window.Figure("Spend")));
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Table_SortedSearchedAndPaged_IsInTheAddress()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var calls = Enumerable.Range(0, 60).Select(i =>
        {
            var call = Harness.Events.Call($"call-{i}");
            call["customer_id"] = $"customer-{i:00}";
            call["input_tokens"] = 1000 + (17 * i % 60 * 100);
            return call;
        });
        (await client.PostEventsAsync(calls)).Expect(HttpStatusCode.Created);
        var page = window.Page;

        await page.GotoAsync("/customers");
        await page.GetByRole(AriaRole.Link, new() { Name = "Customer", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**sort=name*");
        Assert.StartsWith("customer-00", await page.Locator("#table tbody th").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Next rows" }).ClickAsync();
        await page.WaitForURLAsync("**cursor=*");
        Assert.StartsWith("customer-25", await page.Locator("#table tbody th").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.ReloadAsync();
        Assert.StartsWith("customer-25", await page.Locator("#table tbody th").First.InnerTextAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Searchbox).FillAsync("MER-4");
        await page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await page.WaitForURLAsync("**q=MER-4*");
        Assert.Equal(10, await page.Locator("#table tbody tr").CountAsync());
        Assert.Contains("sort=name", page.Url, StringComparison.Ordinal);
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Range_ChosenOnALaterPageOfATable_BeginsAtItsFirst()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var calls = Enumerable.Range(0, 30).Select(i =>
        {
            var call = Harness.Events.Call($"call-{i}");
            call["customer_id"] = $"customer-{i:00}";
            return call;
        });
        (await client.PostEventsAsync(calls)).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/customers?sort=name");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Next rows" }).ClickAsync();
        await window.Page.WaitForURLAsync("**cursor=*");

        await window.Page.Locator("select[name=range]").SelectOptionAsync("24h");
        await window.Page.WaitForURLAsync(url => url.Contains("range=24h", StringComparison.Ordinal));

        Assert.DoesNotContain("cursor", window.Page.Url, StringComparison.Ordinal);
        Assert.StartsWith("customer-00", await window.Page.Locator("#table tbody th").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("sort=name", window.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_WhileTyping_AreOffered()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync(Harness.Events.Batch("offered", 20))).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/");

        await window.Page.GetByLabel("Customer", new() { Exact = true }).PressSequentiallyAsync("glo");

        await window.Page.Locator("#known-customer option[value='globex']").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        Assert.Equal(0, await window.Page.Locator("#known-customer option[value='acme']").CountAsync());
    }
}
