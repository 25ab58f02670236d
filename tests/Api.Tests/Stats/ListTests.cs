using System.Text.Json;

namespace LlmObserve.Api.Tests.Stats;

/// <summary>Order, search and files of the lists of figures.</summary>
public sealed class ListTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_sorts = ["cost", "calls", "errors", "input_tokens", "output_tokens", "latency", "name"];

    [Fact]
    public async Task List_EachSort_IsInThatOrderOverAllPages()
    {
        using var person = await SomebodyWithCustomersAsync();
        var rows = await WalkAsync(person, "limit=200");
        Assert.Equal(24, rows.Count);
        foreach (var sort in s_sorts)
        {
            foreach (var order in new[] { "asc", "desc" })
            {
                var expected = rows.OrderBy(row => sort == "name" ? 0 : (order == "asc" ? 1 : -1) * Value(row, sort))
                    .ThenBy(Name, sort == "name" && order == "desc" ? Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a)) : StringComparer.Ordinal);

                var walked = await WalkAsync(person, $"sort={sort}&order={order}&limit=5");

                Assert.Equal(expected.Select(Name), walked.Select(Name));
            }

            var byDefault = await WalkAsync(person, $"sort={sort}");
            Assert.Equal((await WalkAsync(person, $"sort={sort}&order={(sort == "name" ? "asc" : "desc")}")).Select(Name), byDefault.Select(Name));
        }
    }

    [Fact]
    public async Task Cursor_OfAnotherOrder_IsRefused()
    {
        using var person = await SomebodyWithCustomersAsync();
        foreach (var (one, other) in new[] { ("sort=calls", "sort=errors"), ("sort=calls", "sort=calls&order=asc"), ("", "sort=name"), ("sort=name", "") })
        {
            var cursor = (await person.GetAsync($"/stats/by-customer?limit=2&{one}")).Text("next_cursor");

            await person.GetAsync($"/stats/by-customer?limit=2&{one}&cursor={cursor}");
            var problem = await person.GetAsync($"/stats/by-customer?limit=2&{other}&cursor={cursor}", 422);

            Assert.Equal([("cursor", "malformed")], problem.Faults());
        }
    }

    [Theory]
    [InlineData("acme", "Acme 100%", "acme_2", "x-ACME")]
    [InlineData("ACME", "Acme 100%", "acme_2", "x-ACME")]
    [InlineData("100%", "Acme 100%")]
    [InlineData("%", "Acme 100%")]
    [InlineData("_", "acme_2")]
    [InlineData("\\")]
    [InlineData("zoë", "Firma ZOË")]
    [InlineData("ZOË", "Firma ZOË")]
    [InlineData("firma z", "Firma ZOË")]
    public async Task Search_AText_FindsNamesThatHoldItWhateverTheCase(string text, params string[] names)
    {
        using var person = await app.SignUpAsync();
        string?[] customers = ["Acme 100%", "acme_2", "x-ACME", "Firma ZOË", "other", null];
        await person.SendAsync([.. customers.Select(customer => TestEvents.Make("1", new { customer_id = customer }))]);

        var rows = (await person.GetAsync($"/stats/by-customer?q={Uri.EscapeDataString(text)}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(names.Order(StringComparer.Ordinal), rows.Select(Name));
        Assert.All(rows, row => Assert.Equal("16.67", row.GetProperty("percentage").GetRawText()));
    }

    [Fact]
    public async Task Search_PageByPage_GivesEveryMatchOnce()
    {
        using var person = await SomebodyWithCustomersAsync();

        var walked = await WalkAsync(person, "q=customer-1&limit=3&sort=calls");

        Assert.Equal((await WalkAsync(person, "sort=calls")).Where(row => Name(row).Contains("customer-1", StringComparison.OrdinalIgnoreCase)).Select(Name), walked.Select(Name));
    }

    [Theory]
    [InlineData("sort=colour&order=up&q=%7f&format=xml&limit=0", "format:unknown-value limit:conflict limit:out-of-range order:unknown-value q:bad-character sort:unknown-value")]
    [InlineData("format=csv&limit=5&cursor=AAAA", "cursor:conflict cursor:malformed limit:conflict")]
    public async Task Query_Faulty_NamesEveryFault(string query, string faults)
    {
        using var person = await app.SignUpAsync();
        foreach (var path in new[] { "by-provider", "by-model", "by-agent", "by-customer" })
        {
            var problem = await person.GetAsync($"/stats/{path}?{query}", 422);
            Assert.Equal(faults, string.Join(' ', problem.Faults().Select(fault => $"{fault.Path}:{fault.Code}").Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task Csv_OfCustomers_HasEveryRowAsText()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(
            TestEvents.Make("3.000000001", new { customer_id = "=HYPERLINK(\"http://x\")", latency_ms = 40, input_tokens = 7, status = "error" }),
            TestEvents.Make("1", new { customer_id = "a, \"b\"" }));

        using var answer = await person.Session.GetAsync("/stats/by-customer?format=csv");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Matches(@"^customers-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$", answer.Content.Headers.ContentDisposition.FileName!);
        Assert.Equal(
            [
                "customer_id,percentage,total_cost,call_count,input_tokens,output_tokens,cached_tokens,errors,unpriced_count,avg_latency_ms,p50_ms,p95_ms",
                "\"'=HYPERLINK(\"\"http://x\"\")\",75.00,3.000000001,1,7,0,0,1,1,40,38,49",
                "\"a, \"\"b\"\"\",25.00,1,1,0,0,0,0,1,,,",
                "",
            ],
            (await answer.Content.ReadAsStringAsync()).Split("\r\n"));
    }

    [Theory]
    [InlineData("by-provider", "provider")]
    [InlineData("by-model", "model")]
    [InlineData("by-agent", "agent")]
    [InlineData("by-customer", "customer_id")]
    public async Task Json_OfAList_HasTheRowsOfItsPages(string list, string name)
    {
        using var person = await SomebodyWithCustomersAsync();

        using var answer = await person.Session.GetAsync($"/stats/{list}?format=json&sort=name&hours=100");
        var file = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());

        var page = (await person.GetAsync($"/stats/{list}?limit=200&sort=name&hours=100")).GetProperty("items");
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith(".json", answer.Content.Headers.ContentDisposition!.FileName, StringComparison.Ordinal);
        Assert.Equal(page.EnumerateArray().Select(row => row.GetRawText()), file.GetProperty("items").EnumerateArray().Select(row => row.GetRawText()));
        Assert.True(page[0].TryGetProperty(name, out _));
        Assert.False(file.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task File_OfRuns_HasThoseOfAllPages()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. Enumerable.Range(0, 130).Select(i => TestEvents.Make("0.5", new { run_id = $"-run-{i}" }))]);

        var lines = (await person.Session.GetStringAsync("/runs/latest?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var file = JsonSerializer.Deserialize<JsonElement>(await person.Session.GetStringAsync("/runs/latest?format=json"));

        Assert.StartsWith("run_id,started_at,ended_at,truncated,total_cost,call_count,", lines[0], StringComparison.Ordinal);
        Assert.Equal(130, lines.Length - 1);
        Assert.All(lines.Skip(1), line => Assert.Matches(@"^'-run-\d+,\d{4}[^,]*Z,\d{4}[^,]*Z,false,0\.5,1,", line));
        Assert.Equal(
            Enumerable.Range(0, 130).Select(i => $"-run-{i}").Order(StringComparer.Ordinal),
            file.GetProperty("items").EnumerateArray().Select(run => run.Text("run_id")).Order(StringComparer.Ordinal));
        Assert.Equal([("cursor", "conflict"), ("cursor", "malformed")], (await person.GetAsync("/runs/latest?format=csv&cursor=AAAA", 422)).Faults().Order());
    }

    [Fact]
    public async Task File_OfNoCalls_HasNoRows()
    {
        using var person = await app.SignUpAsync();

        Assert.Single((await person.Session.GetStringAsync("/stats/by-agent?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("""{"items":[],"truncated":false}""", await person.Session.GetStringAsync("/stats/by-agent?format=json"));
    }

    private static string Name(JsonElement row) => row.GetProperty("customer_id").GetString()!;

    private static decimal Value(JsonElement row, string sort) => sort switch
    {
        "cost" => row.GetProperty("total_cost").GetDecimal(),
        "calls" => row.Number("call_count"),
        "latency" => row.GetProperty("avg_latency_ms").Deserialize<decimal?>() ?? -1,
        _ => row.Number(sort),
    };

    private static async Task<List<JsonElement>> WalkAsync(TestPerson person, string query)
    {
        var rows = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await person.GetAsync($"/stats/by-customer?{query}{(cursor is null ? "" : $"&cursor={cursor}")}");
            rows.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return rows;
    }

    /// <summary>Two dozen customers, with many that are equal in each measure, and some without a latency.</summary>
    private async Task<TestPerson> SomebodyWithCustomersAsync()
    {
        var person = await app.SignUpAsync();
        await person.SendAsync([.. Enumerable.Range(0, 60).Select(i => TestEvents.Make($"{1 + (i % 4)}", new
        {
            customer_id = $"{(i % 24 % 2 == 0 ? "Customer" : "customer")}-{i % 24}",
            input_tokens = i % 24 % 5,
            output_tokens = i % 24 % 7,
            latency_ms = i % 24 % 4 * 100,
            status = i % 3 == 0 ? "error" : "ok",
        }))]);
        return person;
    }
}
