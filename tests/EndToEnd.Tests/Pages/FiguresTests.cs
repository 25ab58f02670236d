using System.Globalization;
using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>From signing up on the page to figures on every page, with the published client in between.</summary>
[Collection(PagesCollection.Name)]
public sealed class FiguresTests(DashboardFixture fixture)
{
    [Fact]
    public async Task SignUp_CopyKey_SendEvents_FiguresOnEveryPageAreTheLedgers()
    {
        await using var window = await fixture.OpenAsync();
        var email = fixture.NewEmail();
        var key = await window.SignUpAsync(email);
        await window.Page.Locator("button[data-copy^='llmo_sk_']").First.ClickAsync();
        Assert.Equal(key, await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        using var client = await fixture.ClientAsync(email, Window.Password, key);
        await Programs.SucceedAsync(Programs.Node(fixture.Server, client.Account, "plain-fetch.mjs"));
        var cost = (await client.GetAsync("stats/overview?hours=720")).GetProperty("total_cost").GetDecimal();
        Assert.True(cost > 0);

        await window.Page.GotoAsync("/");
        Assert.Equal(cost, await Window.ValueAsync(window.Figure("Today")));
        Assert.Equal(cost, await Window.ValueAsync(window.Figure("This month")));
        Assert.Equal(cost, await Window.ValueAsync(window.Figure("Spend, last 30 days")));
        Assert.Equal(4, await Window.ValueAsync(window.Figure("Requests")));

        await AssertRowsAsync(window, client, "/llms", "stats/by-model?hours=720&provider=openai", "model");
        await AssertRowsAsync(window, client, "/customers", "stats/by-customer?hours=720", "customer_id");
        await window.Page.GotoAsync("/infrastructure");
        Assert.Contains("pinecone", await window.Page.Locator("#table").InnerTextAsync(), StringComparison.Ordinal);
        await window.Page.GotoAsync("/agents");
        Assert.Contains("researcher", await window.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await window.Page.GotoAsync("/customers/acme");
        var acme = Row(await client.GetAsync("stats/by-customer?hours=720"), "customer_id", "acme").GetProperty("total_cost").GetDecimal();
        Assert.Equal(acme, await Window.ValueAsync(window.Figure("Cost")));
        await window.Page.GotoAsync("/runs");
        await window.Page.Locator("tbody th a").First.ClickAsync();
        await window.Page.WaitForURLAsync("**/runs/*");
        Assert.Equal(cost, await Window.ValueAsync(window.Figure("Cost")));
        Assert.Equal(cost, await new LedgerRows(fixture.Database, client.Account).CostAsync());
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Money_OfAHundredThousandth_IsReadableAndExact()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        var call = Harness.Events.Call("tiny", "a-model-nobody-prices");
        call["cost_usd"] = 0.000012m;
        (await client.PostEventsAsync([call])).Expect(HttpStatusCode.Created);

        await window.Page.GotoAsync("/");

        Assert.Equal("$0.000012", await window.Figure("Today").InnerTextAsync());
        Assert.Equal(0.000012m, await Window.ValueAsync(window.Figure("Today")));
    }

    [Fact]
    public async Task Export_OfTheTable_HasTheFiguresOfThePage()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        (await client.PostEventsAsync(Harness.Events.Batch("export", 40))).Expect(HttpStatusCode.Created);
        await window.Page.GotoAsync("/customers?q=ac");
        var row = await window.RowAsync("table", "acme");

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());

        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.EndsWith(".csv", download.SuggestedFilename, StringComparison.Ordinal);
        var columns = lines[0].Split(',').ToList();
        var acme = Assert.Single(lines.Skip(1), line => line.StartsWith("acme", StringComparison.Ordinal)).Split(',');
        Assert.Equal(row[0], decimal.Parse(acme[columns.IndexOf("total_cost")], CultureInfo.InvariantCulture));
        Assert.DoesNotContain(lines, line => line.StartsWith("globex", StringComparison.Ordinal));
    }

    private static async Task AssertRowsAsync(Window window, ApiClient client, string path, string route, string name)
    {
        await window.Page.GotoAsync(path);
        var rows = (await client.GetAsync(route)).GetProperty("items").EnumerateArray().ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows.Where(row => row.GetProperty(name).ValueKind == JsonValueKind.String))
        {
            Assert.Contains(row.GetProperty("total_cost").GetDecimal(), await window.RowAsync("table", row.GetProperty(name).GetString()!));
        }
    }

    private static JsonElement Row(JsonElement list, string name, string value) =>
        list.GetProperty("items").EnumerateArray().Single(row => row.GetProperty(name).GetString() == value);
}
