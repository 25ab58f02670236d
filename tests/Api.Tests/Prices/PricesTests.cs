using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Api.Tests.Holds;
using LlmObserve.Api.Tests.Keys;

namespace LlmObserve.Api.Tests.Prices;

/// <summary>What an account pays where that differs from the price book.</summary>
public sealed class PricesTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly object s_agreed = new { provider = "OpenAI", model = "gpt-4o", prices = new { input = 2, output = 8 } };

    private static readonly object s_nobodys = new { provider = "nobodys-provider", model = "nobodys-model", prices = new { input = 0.3, output = 1.1 } };

    [Fact]
    public async Task Get_BeforeTheFirstChange_IsEmptyAtVersionZero()
    {
        using var person = await app.SignUpAsync();

        var prices = await person.GetAsync("/pricing/");

        Assert.Equal("""{"version":0,"book_version":1,"overrides":[],"updated_at":null}""", prices.GetRawText());
    }

    [Fact]
    public async Task Put_GoodList_IsShownByCanonicalProvider()
    {
        using var person = await app.SignUpAsync();

        var put = await PutAsync(person, 0, s_agreed, new { provider = "pinecone", prices = new { read_units = new { usd = 12, per = 1_000_000 } } });
        var got = await person.GetAsync("/pricing");

        Assert.Equal(put.GetRawText(), got.GetRawText());
        Assert.Equal(1, got.Number("version"));
        Assert.Equal(
            """[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}},{"provider":"pinecone","model":null,"prices":{"read_units":{"usd":12,"per":1000000}}}]""",
            got.GetProperty("overrides").GetRawText());
        Assert.Equal(JsonValueKind.String, got.GetProperty("updated_at").ValueKind);
    }

    [Fact]
    public async Task Put_OwnPrices_PriceEventsFromThenOn()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        var (before, after, unknown, theirs) = (Call(), Call(), Call(new { provider = "nobodys-provider", model = "nobodys-model" }), Call());
        await person.SendAsync(before);

        await PutAsync(person, 0, s_agreed, s_nobodys);
        await person.SendAsync(after, unknown);
        await stranger.SendAsync(theirs);

        Assert.Equal((7_500_000, "openai/gpt-4o", false), await PricedAsync(before));
        Assert.Equal((6_000_000, "account:openai/gpt-4o", false), await PricedAsync(after));
        Assert.Equal((850_000, "account:nobodys-provider/nobodys-model", false), await PricedAsync(unknown));
        Assert.Equal((7_500_000, "openai/gpt-4o", false), await PricedAsync(theirs));
    }

    [Fact]
    public async Task Put_ListTakenAway_PricesByTheBookAgain()
    {
        using var person = await app.SignUpAsync();
        await PutAsync(person, 0, s_agreed);
        var (with, without) = (Call(), Call());
        await person.SendAsync(with);

        await PutAsync(person, 1);
        await person.SendAsync(without);

        Assert.Equal(6_000_000, (await PricedAsync(with)).Nanos);
        Assert.Equal(7_500_000, (await PricedAsync(without)).Nanos);
        Assert.Equal(2, (await person.GetAsync("/pricing/")).Number("version"));
    }

    [Fact]
    public async Task Put_OwnPrices_BoundHoldsAndClamps()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        await person.CapAsync(0.004m);
        Assert.Equal("0.0025", (await person.HoldAsync(TestHolds.Ask(new { dry_run = true, estimate = new { input_tokens = 1000, max_output_tokens = 0 } }))).Raw("amount_usd"));

        await PutAsync(person, 0, s_agreed);

        Assert.Equal("0.002", (await person.HoldAsync(TestHolds.Ask(new { dry_run = true, estimate = new { input_tokens = 1000, max_output_tokens = 0 } }))).Raw("amount_usd"));
        var clamped = await person.HoldAsync(TestHolds.Ask(new { clamp = true }));
        Assert.Equal(("0.004", 250), (clamped.Raw("amount_usd"), clamped.Number("max_output_tokens")));
        Assert.Equal(TestHolds.Cost, (await stranger.HoldAsync(TestHolds.Ask())).Raw("amount_usd"));
    }

    [Fact]
    public async Task Put_PriceOfAnUnknownModel_SettlesChecksThatDenyUnpricedCalls()
    {
        using var person = await app.SignUpAsync();
        await person.ChangeSettingsAsync(new { unpriced_policy = "deny" });
        await person.CapAsync(1m);
        Assert.False((await person.CheckAsync("provider=nobodys-provider&model=nobodys-model&customer_id=acme")).IsAllowed());

        await PutAsync(person, 0, s_nobodys);

        Assert.True((await person.CheckAsync("provider=nobodys-provider&model=nobodys-model&customer_id=acme")).IsAllowed());
        Assert.True((await person.CheckAsync("model=nobodys-model&customer_id=acme")).IsAllowed());
        Assert.False((await person.CheckAsync("provider=other&model=nobodys-model&customer_id=acme")).IsAllowed());
        Assert.False((await person.CheckAsync("model=others-model&customer_id=acme")).IsAllowed());
        Assert.True((await person.HoldAsync(TestHolds.Ask(new { provider = "nobodys-provider", model = "nobodys-model" }))).IsAllowed());
    }

    [Fact]
    public async Task Put_PriceThatHoldsLater_IsNoPriceYet()
    {
        using var person = await app.SignUpAsync();
        await person.ChangeSettingsAsync(new { unpriced_policy = "deny" });
        await person.CapAsync(1m);

        await PutAsync(person, 0, new { provider = "nobodys-provider", model = "nobodys-model", prices = new[] { new { from = "2100-01-01", rates = new { input = 1 } } } });

        Assert.False((await person.CheckAsync("provider=nobodys-provider&model=nobodys-model&customer_id=acme")).IsAllowed());
    }

    [Fact]
    public async Task Put_BadList_NamesEveryFaultAndChangesNothing()
    {
        using var person = await app.SignUpAsync();

        var problem = await PutAsync(
            person,
            422,
            """
            {"version":-1,"overrides":[
              {"provider":"openai","model":"gpt-4o","prices":{"inptu":2,"output":-8}},
              {"model":"gpt-4o","prices":{}},
              7,
              {"provider":" ","model":"x\u0000","prices":[{"from":"2026-03-01","until":"2026-01-01","rates":{"input":"2"}}],"note":"n"},
              {"provider":"Gemini","model":"a","prices":{"input":1}},
              {"provider":"google","model":"A","prices":{"input":2}}]}
            """);

        Assert.Equal(
            [
                ("overrides[0].prices.inptu", "unknown-value"), ("overrides[0].prices.output", "out-of-range"), ("overrides[1].prices", "required"),
                ("overrides[1].provider", "required"), ("overrides[2]", "malformed"), ("overrides[2].prices", "required"), ("overrides[2].provider", "required"),
                ("overrides[3].model", "bad-character"), ("overrides[3].note", "unknown-value"), ("overrides[3].prices", "out-of-range"),
                ("overrides[3].prices[0].rates.input", "malformed"), ("overrides[3].provider", "required"), ("overrides[5]", "conflict"), ("version", "out-of-range"),
            ],
            problem.Faults().Select(fault => (fault.Path, Code: fault.Code.Replace('_', '-'))).Distinct().OrderBy(fault => fault.Path, StringComparer.Ordinal));
        Assert.Equal(0, (await person.GetAsync("/pricing/")).Number("version"));
    }

    [Theory]
    [InlineData("{}", "overrides", "version")]
    [InlineData("""{"version":0,"overrides":{}}""", "overrides")]
    [InlineData("""{"version":0.5,"overrides":[]}""", "version")]
    public async Task Put_BadBody_NamesWhatIsMissing(string body, params string[] paths)
    {
        using var person = await app.SignUpAsync();

        Assert.Equal(paths, (await PutAsync(person, 422, body)).Faults().Select(fault => fault.Path).Order());
    }

    [Fact]
    public async Task Put_MoreThanMayBe_IsAFault()
    {
        using var person = await app.SignUpAsync();
        static string Body(int prices) =>
            $$"""{"version":0,"overrides":[{{string.Join(",", Enumerable.Range(0, prices).Select(i => $$"""{"provider":"p","model":"m{{i}}","prices":{"input":1} }"""))}}]}""";

        Assert.Equal(("overrides", "too_long"), (await PutAsync(person, 422, Body(1_001))).Faults().Select(fault => (fault.Path, fault.Code.Replace('-', '_'))).Single());
        Assert.Equal(1_000, (await PutAsync(person, 200, Body(1_000))).GetProperty("overrides").GetArrayLength());
    }

    [Fact]
    public async Task Put_OfAnotherVersion_ConflictsAndChangesNothing()
    {
        using var person = await app.SignUpAsync();
        await PutAsync(person, 0, s_agreed);

        var problem = await PutAsync(person, 409, Json(0, s_nobodys));
        await PutAsync(person, 409, Json(2, s_nobodys));

        Assert.Equal("prices-changed", problem.Text("code"));
        Assert.Contains("version 1", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("gpt-4o", (await person.GetAsync("/pricing/")).GetProperty("overrides")[0].Text("model"));
    }

    [Fact]
    public async Task Put_OfTheSameVersionAtOnce_OneWins()
    {
        using var person = await app.SignUpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => person.Session.PutAsJsonAsync(
            "/pricing/", new { version = 0, overrides = new[] { new { provider = "openai", model = "gpt-4o", prices = new { input = i } } } })));

        Assert.Equal([200, 409, 409, 409, 409, 409, 409, 409], answers.Select(answer => (int)answer.StatusCode).Order());
        Assert.Equal(1, (await person.GetAsync("/pricing/")).Number("version"));
    }

    [Fact]
    public async Task Put_Changes_AreInTheAuditLogAndNoChangeIsNot()
    {
        using var person = await app.SignUpAsync();

        await PutAsync(person, 0, s_agreed, s_nobodys);
        Assert.Equal(1, (await PutAsync(person, 1, s_agreed, s_nobodys)).Number("version"));
        await PutAsync(person, 1, s_nobodys);

        var items = (await person.GetAsync("/audit?action=prices.updated")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, items.Count);
        Assert.Equal((person.Email, "prices", "2"), (items[0].GetProperty("actor").Text("name"), items[0].GetProperty("object").Text("kind"), items[0].GetProperty("object").Text("id")));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"version":1,"overrides":[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}}]}"""),
            JsonNode.Parse(items[0].GetProperty("before").GetRawText())));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"version":2,"overrides":[]}"""), JsonNode.Parse(items[0].GetProperty("after").GetRawText())));
    }

    [Fact]
    public async Task Put_ByWhomMayNot_IsRefused()
    {
        using var owner = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        foreach (var role in new[] { "viewer", "member" })
        {
            using var colleague = await app.JoinAsync(person, owner, role);

            await colleague.GetAsync("/pricing/").JsonAsync();
            Assert.Equal("missing-role", (await colleague.PutAsJsonAsync("/pricing/", new { version = 0, overrides = Array.Empty<object>() }).JsonAsync(403)).Text("code"));
            await app.ExecuteAsync("DELETE FROM memberships WHERE role = $1", role);
        }

        await owner.Sdk.GetAsync("/pricing/").JsonAsync(403);
    }

    [Fact]
    public async Task Book_PageByPage_ShowsEveryEntryOnce()
    {
        using var person = await app.SignUpAsync();
        var ids = new List<string>();
        var path = "/pricing/book?limit=200";
        for (JsonElement page; ; path = $"/pricing/book?limit=200&cursor={page.Text("next_cursor")}")
        {
            page = await person.GetAsync(path);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => entry.Text("id")));
            if (page.GetProperty("next_cursor").ValueKind == JsonValueKind.Null)
            {
                break;
            }
        }

        Assert.Equal(Domain.Prices.ShippedPriceBook.Load().Entries.Select(entry => entry.Id).Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task Book_Search_FindsByPartAndProvider()
    {
        using var person = await app.SignUpAsync();

        var page = await person.GetAsync("/pricing/book?q=OpenAI/GPT-4o&provider=Open_AI&limit=1");

        Assert.Equal(1, page.Number("book_version"));
        var entry = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal(("openai/gpt-4o", "openai", "gpt-4o"), (entry.Text("id"), entry.Text("provider"), entry.Text("model")));
        Assert.Contains("""{"kind":"input","usd":2.5,"per":1000000,"tiers":[]}""", entry.GetProperty("prices").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith("http", entry.Text("source"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.String, page.GetProperty("next_cursor").ValueKind);
        Assert.Equal(0, (await person.GetAsync("/pricing/book?q=no-such-model")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Book_BadQuery_NamesEveryFault()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.GetAsync("/pricing/book?limit=0&cursor=x&q=%00&provider=%01", 422);

        Assert.Equal(["cursor", "limit", "provider", "q"], problem.Faults().Select(fault => fault.Path).Order());
    }

    private static JsonObject Call(object? more = null) => TestHolds.Call(null, more);

    private async Task<(long Nanos, string Entry, bool Unpriced)> PricedAsync(JsonObject call)
    {
        var (id, columns) = ((string)call["id"]!, "cost_nanos::text || ' ' || coalesce(price_entry, '') || ' ' || unpriced::text");
        var row = (await app.ScalarAsync<string>($"SELECT {columns} FROM events WHERE id = $1", id)).Split(' ');
        return (long.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture), row[1], bool.Parse(row[2]));
    }

    private static string Json(int version, params object[] overrides) => JsonSerializer.Serialize(new { version, overrides });

    private static Task<JsonElement> PutAsync(TestPerson person, int version, params object[] overrides) => PutAsync(person, 200, Json(version, overrides));

    private static Task<JsonElement> PutAsync(TestPerson person, int status, string body) =>
        person.Session.PutAsync("/pricing/", new StringContent(body, System.Text.Encoding.UTF8, "application/json")).JsonAsync(status);
}
