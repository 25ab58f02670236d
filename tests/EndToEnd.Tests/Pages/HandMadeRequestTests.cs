using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Addresses and forms that no page of ours leads to, and names that look like something else.</summary>
public sealed class HandMadeRequestTests(RunningServer running) : IClassFixture<RunningServer>
{
    private static readonly string[] s_pages =
        ["/", "/llms", "/infrastructure", "/agents", "/customers", "/customers/acme", "/runs", "/runs/run-1", "/caps", "/caps/new", "/settings/prices"];

    [Theory]
    [InlineData("range=custom&from=0001-01-01&to=9999-12-31")]
    [InlineData("range=custom&from=9999-12-31&to=9999-12-31")]
    [InlineData("range=custom&from=2027-01-01&to=2027-02-01")]
    [InlineData("range=custom&from=2020-01-01&to=2026-01-01")]
    [InlineData("range=90d&customer=%00&provider=%0A&model=%ED%A0%80&agent=%27%3B--")]
    [InlineData("cursor=AAAA&sort=name&order=asc&page=99999999999&state=off")]
    [InlineData("cursor=%&sort=x&order=y&q=%25_%5C%27%5B&page=-1&type=%3Cb%3E")]
    public async Task Pages_WithWordsThatNobodyChose_AreNeverBroken(string words)
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        (await client.PostEventsAsync([Harness.Events.Call("one")])).Expect(HttpStatusCode.Created);
        foreach (var page in s_pages)
        {
            await browser.OpenAsync($"{page}?{words}");

            Assert.True(browser.Status == HttpStatusCode.OK, $"{browser.Status} of {browser.Path}");
        }
    }

    [Fact]
    public async Task Range_LongerThanThereIs_SaysHowLongItMayBe()
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;

        await browser.OpenAsync("/?range=custom&from=2026-01-01&to=2026-06-01");

        Assert.Contains("at most 92 days", browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x/../y")]
    [InlineData("eu/acme")]
    [InlineData("a%2Fb")]
    [InlineData("../pricing/")]
    [InlineData("//example.com")]
    [InlineData("q?x=1#f&100%")]
    [InlineData("<script>alert(1)</script>\"'")]
    public async Task Customer_WhoseIdLooksLikeSomethingElse_HasAPageOfItsOwn(string id)
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        var call = Harness.Events.Call("one");
        call["customer_id"] = id;
        (await client.PostEventsAsync([call])).Expect(HttpStatusCode.Created);
        await browser.OpenAsync("/customers");
        var link = $"/customers/{Uri.EscapeDataString(id)}";
        Assert.Contains($"href=\"{link}\"", browser.Page, StringComparison.Ordinal);

        await browser.OpenAsync(link);
        Assert.Contains($"<h1>{id}", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<h1><script>", browser.Source, StringComparison.Ordinal);
        Assert.DoesNotContain("No calls for this customer", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync("customer", ("Form.Name", "Named"), ("Form.Price", "1,234.50"));

        var named = Assert.Single((await client.GetAsync("customers")).GetProperty("items").EnumerateArray());
        Assert.Equal((id, 1234.50m), (named.GetProperty("customer_id").GetString(), named.GetProperty("monthly_price_usd").GetDecimal()));
    }

    [Fact]
    public async Task Customers_BeyondThoseThatOneAnswerNames_HaveTheirNamesAndPrices()
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        for (var i = 0; i < 201; i++)
        {
            (await client.SendAsync(HttpMethod.Put, $"customers/c{i:000}", new JsonObject { ["name"] = $"Customer number {i}" })).Expect(HttpStatusCode.OK);
        }

        var call = Harness.Events.Call("one");
        call["customer_id"] = "c200";
        (await client.PostEventsAsync([call])).Expect(HttpStatusCode.Created);

        await browser.OpenAsync("/customers");

        Assert.Contains("Customer number 200", browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("settings")]
    [InlineData("alerts")]
    [InlineData("..%2Fauth%2Fme")]
    public async Task Cap_OfNoId_IsNotFound(string id)
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;

        await browser.OpenAsync($"/caps/{id}");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("There is no cap of this id", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cap_WithACommaInItsLimit_IsNotMadeTenTimesAsLarge()
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        await browser.OpenAsync("/caps/new");

        await browser.SubmitAsync(
            "cap", ("Form.Type", "global"), ("Form.Period", "daily"), ("Form.Enforcement", "hard_block"), ("Form.Limit", "0,5"), ("Form.Threshold", "80"), ("Form.Step", "save"));

        Assert.Contains("must be a number", browser.Page, StringComparison.Ordinal);
        Assert.Empty(await client.CapsAsync());
    }

    [Theory]
    [InlineData("/settings/prices", "raw")]
    [InlineData("/settings/prices", "price")]
    [InlineData("/caps/new", "cap")]
    [InlineData("/customers/acme", "customer")]
    public async Task Form_SentEmpty_IsAnsweredByAPage(string page, string form)
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        await browser.OpenAsync(page);

        await browser.SubmitBareAsync(form);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task Prices_ChangedBySomebodyElse_AreNotOverwrittenByAListOfBefore()
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        await browser.OpenAsync("/settings/prices");
        var theirs = new JsonObject { ["version"] = 0, ["overrides"] = JsonNode.Parse("""[{"provider":"theirs","prices":{"requests":1}}]""") };
        (await client.SendAsync(HttpMethod.Put, "pricing/", theirs)).Expect(HttpStatusCode.OK);
        const string Ours = """[{"provider":"ours","prices":{"requests":0}}]""";

        await browser.SubmitAsync("raw", ("Raw.Text", Ours));
        Assert.Contains("Somebody else has changed", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync("raw", ("Raw.Text", Ours));

        Assert.Contains("Somebody else has changed", browser.Page, StringComparison.Ordinal);
        Assert.Equal("theirs", Assert.Single((await client.GetAsync("pricing/")).GetProperty("overrides").EnumerateArray()).GetProperty("provider").GetString());
    }

    [Fact]
    public async Task Form_OfAnAccountThatIsOpenNoMore_ChangesNeither()
    {
        var (client, browser) = await ArriveAsync();
        using var program = client;
        using var visitor = browser;
        var other = (await client.SendAsync(HttpMethod.Post, "tenants", new JsonObject { ["name"] = "The other" })).Json.GetProperty("id").GetString()!;
        await browser.OpenAsync("/caps/new");
        var form = browser.Keep("cap");
        await browser.SubmitAsync("/switch", ("account", other));
        Assert.Contains("The other", browser.Page, StringComparison.Ordinal);

        await browser.SubmitKeptAsync(form, ("Form.Type", "global"), ("Form.Period", "daily"), ("Form.Limit", "5"), ("Form.Threshold", "80"), ("Form.Step", "save"));

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("opened another account", browser.Page, StringComparison.Ordinal);
        Assert.Empty(await client.CapsAsync());
        await browser.OpenAsync("/caps");
        Assert.Contains("No caps yet", browser.Page, StringComparison.Ordinal);
    }

    private async Task<(ApiClient Client, Browser Browser)> ArriveAsync()
    {
        var client = await ApiClient.SignUpAsync(running.Server);
        var browser = new Browser(running.Server.Dashboard);
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("sign-in", ("Form.Email", client.Account.Email), ("Form.Password", client.Account.Password));
        Assert.Equal("/", browser.Path);
        return (client, browser);
    }
}
