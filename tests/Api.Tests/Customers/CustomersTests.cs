using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Tests.Keys;

namespace LlmObserve.Api.Tests.Customers;

/// <summary>What an account says of its own customers.</summary>
public sealed class CustomersTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Put_NameAndPrice_AreShownExactly()
    {
        using var person = await app.SignUpAsync();

        var put = await PutAsync(person, "acme", """{"name":" Acme Inc ","monthly_price_usd":49.123456789}""");

        Assert.Equal("""{"customer_id":"acme","name":"Acme Inc","monthly_price_usd":49.123456789}""", put.GetRawText());
        Assert.Equal(put.GetRawText(), (await person.GetAsync("/customers/acme")).GetRawText());
        var only = await PutAsync(person, "acme", """{"monthly_price_usd":0}""");
        Assert.Equal("""{"customer_id":"acme","name":null,"monthly_price_usd":0}""", only.GetRawText());
    }

    [Theory]
    [InlineData("eu/acme", "eu/acme")]
    [InlineData("eu%2Facme", "eu/acme")]
    [InlineData("eu%252Facme", "eu%2Facme")]
    [InlineData("Zo%C3%AB%20%3F%23%26+", "Zoë ?#&+")]
    [InlineData("acme/", "acme")]
    [InlineData("acme%2F", "acme/")]
    public async Task Put_AnyId_IsThatOfThePathDecodedOnce(string path, string id)
    {
        using var person = await app.SignUpAsync();

        await PutAsync(person, path, """{"name":"n"}""");

        Assert.Equal(id, (await person.GetAsync("/customers/" + path)).Text("customer_id"));
        Assert.Equal(id, Assert.Single((await person.GetAsync("/customers")).GetProperty("items").EnumerateArray()).Text("customer_id"));
        await person.Session.DeleteAsync("/customers/" + path).JsonAsync();
        await person.GetAsync("/customers/" + path, 404);
    }

    [Fact]
    public async Task List_PageByPageAndSearched_IsByIdAndOfTheAccountAlone()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        foreach (var id in new[] { "b", "A", "a_1", "a%25", "ä" })
        {
            await PutAsync(person, id, $$"""{"name":"Name of {{id[0]}}"}""");
        }

        var walked = new List<string>();
        for (var path = "/customers?limit=2"; ;)
        {
            var page = await person.GetAsync(path);
            walked.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("customer_id")));
            if (page.GetProperty("next_cursor").GetString() is not { } cursor)
            {
                break;
            }

            path = "/customers?limit=2&cursor=" + cursor;
        }

        Assert.Equal(["A", "a%", "a_1", "b", "ä"], walked);
        Assert.Equal(["a_1"], await SearchAsync(person, "_"));
        Assert.Equal(["a%"], await SearchAsync(person, "%25"));
        Assert.Equal(["b"], await SearchAsync(person, "NAME%20OF%20B"));
        Assert.Empty(await SearchAsync(stranger, ""));
        await stranger.GetAsync("/customers/b", 404);
        await stranger.Session.DeleteAsync("/customers/b").JsonAsync(404);
        Assert.Equal(["cursor", "limit"], (await person.GetAsync("/customers?limit=201&cursor=x", 422)).Faults().Select(fault => fault.Path).Order());
    }

    [Fact]
    public async Task Put_BadBody_NamesEveryFault()
    {
        using var person = await app.SignUpAsync();

        var problem = await PutAsync(person, new string('x', 2000), """{"name":7,"monthly_price_usd":-1}""", 422);

        Assert.Equal(["customer_id", "monthly_price_usd", "name"], problem.Faults().Select(fault => fault.Path).Order());
        await PutAsync(person, "acme", """{"monthly_price_usd":0.0000000001}""", 422);
        await PutAsync(person, "acme", """{"monthly_price_usd":1000000000.01}""", 422);
    }

    [Fact]
    public async Task Changes_AreInTheAuditLogAndNoChangeIsNot()
    {
        using var person = await app.SignUpAsync();
        await PutAsync(person, "acme", """{"name":"Acme","monthly_price_usd":49}""");
        await PutAsync(person, "acme", """{"name":"Acme","monthly_price_usd":49.0}""");
        await PutAsync(person, "acme", """{"name":"\"Acme\"","monthly_price_usd":0.5}""");
        await PutAsync(person, "acme", "{}");
        await person.Session.DeleteAsync("/customers/acme").JsonAsync(404);

        var items = (await person.GetAsync("/audit?object_id=acme")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["customer.deleted", "customer.updated", "customer.updated"], items.Select(item => item.Text("action")));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (items[0].GetProperty("after").ValueKind, items[2].GetProperty("before").ValueKind));
        Assert.Equal(("\"Acme\"", 0.5m), (items[1].GetProperty("after").Text("name"), items[1].GetProperty("after").GetProperty("monthly_price_usd").GetDecimal()));
        Assert.Equal(("Acme", 49m), (items[1].GetProperty("before").Text("name"), items[1].GetProperty("before").GetProperty("monthly_price_usd").GetDecimal()));
    }

    [Fact]
    public async Task Put_MoreThanMayBe_IsRefusedAndChangesOfTheOthersAreNot()
    {
        using var person = await app.SignUpAsync();
        await PutAsync(person, "acme", """{"name":"Acme"}""");
        await app.ExecuteAsync(
            "INSERT INTO customers (account_id, customer_id, name, updated_at) SELECT account_id, 'c' || n, 'n', now() FROM customers, generate_series(1, $1) n WHERE customer_id = 'acme'",
            Storage.Customers.CustomersStore.MaxCustomers - 1);

        Assert.Equal("too-many-customers", (await PutAsync(person, "one-more", """{"name":"n"}""", 409)).Text("code"));
        await PutAsync(person, "acme", """{"name":"Acme Inc"}""");
    }

    [Fact]
    public async Task List_OfIds_HasThoseAndOnlyThose()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        await PutAsync(person, "acme", """{"name":"Acme"}""");
        await PutAsync(person, "a%26b", """{"monthly_price_usd":5}""");
        await PutAsync(person, "globex", """{"name":"Globex"}""");
        await PutAsync(other, "theirs", """{"name":"Theirs"}""");

        var page = await person.GetAsync("/customers?customer_id=a%26b&customer_id=acme&customer_id=nobody&customer_id=theirs");

        Assert.Equal(["a&b", "acme"], page.GetProperty("items").EnumerateArray().Select(item => item.Text("customer_id")));
        var tooMany = string.Join('&', Enumerable.Range(0, 201).Select(i => $"customer_id={i}"));
        await person.Session.GetAsync("/customers?" + tooMany).JsonAsync(422);
    }

    [Fact]
    public async Task Put_ByAViewerOrAKey_IsRefused()
    {
        using var owner = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        using var viewer = await app.JoinAsync(person, owner, "viewer");
        await PutAsync(owner, "acme", """{"name":"Acme"}""");

        await viewer.GetAsync("/customers/acme").JsonAsync();
        Assert.Equal("missing-role", (await viewer.PutAsJsonAsync("/customers/acme", new { name = "x" }).JsonAsync(403)).Text("code"));
        Assert.Equal("missing-role", (await viewer.DeleteAsync("/customers/acme").JsonAsync(403)).Text("code"));
        await owner.Sdk.PutAsJsonAsync("/customers/acme", new { name = "x" }).JsonAsync(403);
    }

    private static async Task<IEnumerable<string>> SearchAsync(TestPerson person, string part) =>
        (await person.GetAsync("/customers?q=" + part)).GetProperty("items").EnumerateArray().Select(item => item.Text("customer_id"));

    private static Task<JsonElement> PutAsync(TestPerson person, string path, string body, int status = 200) =>
        person.Session.PutAsync("/customers/" + path, new StringContent(body, System.Text.Encoding.UTF8, "application/json")).JsonAsync(status);
}
