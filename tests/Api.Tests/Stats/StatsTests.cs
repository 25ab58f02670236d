using System.Text.Json;
using System.Text.Json.Nodes;
using static LlmObserve.Api.Tests.Stats.StatsEvents;

namespace LlmObserve.Api.Tests.Stats;

public sealed class StatsTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_rowMembers =
    [
        "avg_latency_ms", "cached_tokens", "call_count", "errors", "input_tokens", "output_tokens", "p50_ms", "p95_ms", "percentage", "total_cost", "unpriced_count",
    ];

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("America/New_York")]
    public async Task Stats_RandomEvents_EqualPlainSums(string zone)
    {
        using var person = await app.SignUpAsync();
        await person.ChangeTimeZoneAsync(zone);
        var events = StatsEvents.Random(new Random(zone.Length), TimeProvider.System.GetUtcNow(), 400);
        await person.SendAsync([.. events]);

        string[] filters = ["", "&customer_id=acme", "&provider=Provider-A", "&model=model-2", "&agent=agent:writer", "&customer_id=acme&model=model-1", "&provider=provider-b&agent=writer"];
        foreach (var window in new[] { "hours=2", "hours=24", "hours=168" })
        {
            foreach (var filter in filters)
            {
                await AssertListAsync(person, events, $"/stats/by-provider?{window}{filter}", "provider");
                await AssertListAsync(person, events, $"/stats/by-model?{window}{filter}", "model");
                await AssertListAsync(person, events, $"/stats/by-agent?{window}{filter}", "agent");
                await AssertListAsync(person, events, $"/stats/by-customer?{window}{filter}", "customer_id");
                var overview = await person.GetAsync($"/stats/overview?{window}{filter}");
                AssertFigures(Matching(events, overview, filter), overview);
                Assert.Equal(zone, overview.Text("time_zone"));
            }
        }
    }

    [Fact]
    public async Task Overview_OfDaysThatGoOn_ComparesThemUpToTheSameMoment()
    {
        using var person = await app.SignUpAsync();
        var now = TimeProvider.System.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);

        var overview = await person.GetAsync($"/stats/overview?from={today.AddDays(-6):yyyy-MM-dd'T'HH:mm:ss'Z'}&to={today.AddDays(1):yyyy-MM-dd'T'HH:mm:ss'Z'}");

        var before = overview.GetProperty("previous").GetProperty("window");
        Assert.Equal(today.AddDays(-13), before.GetProperty("from").GetDateTimeOffset());
        Assert.InRange(before.GetProperty("to").GetDateTimeOffset(), now.AddDays(-7), now.AddDays(-7).AddHours(1).AddMinutes(1));
    }

    [Fact]
    public async Task Overview_TwoStretches_ComparesThem()
    {
        using var person = await app.SignUpAsync();
        var now = TimeProvider.System.GetUtcNow();
        await person.SendAsync(
            TestEvents.Make("3", new { occurred_at = now.AddHours(-1), customer_id = "acme", latency_ms = 40 }),
            TestEvents.Make("1", new { occurred_at = now.AddHours(-2), status = "timeout", latency_ms = 90 }),
            TestEvents.Make("1.5", new { occurred_at = now.AddHours(-36) }));

        var overview = await person.GetAsync("/stats/overview?hours=24");

        Assert.Equal(("4", 2, 1, 2), (Raw(overview, "total_cost"), overview.Number("call_count"), overview.Number("errors"), overview.Number("unpriced_count")));
        Assert.Equal("65", Raw(overview, "avg_latency_ms"));
        var previous = overview.GetProperty("previous");
        Assert.Equal(("1.5", 1), (Raw(previous, "total_cost"), previous.Number("call_count")));
        Assert.Equal(previous.GetProperty("window").Text("to"), overview.GetProperty("window").Text("from"));
        Assert.Equal(("166.67", "100"), (Raw(overview.GetProperty("change"), "total_cost_percent"), Raw(overview.GetProperty("change"), "call_count_percent")));
        Assert.Equal(["nobodys-provider"], overview.GetProperty("top_providers").EnumerateArray().Select(row => row.Text("provider")));
        var customers = overview.GetProperty("top_customers").EnumerateArray().ToList();
        Assert.Equal(["acme", null], customers.Select(row => row.GetProperty("customer_id").GetString()));
        Assert.Equal(["75", "25"], customers.Select(row => Raw(row, "percentage")));
    }

    [Fact]
    public async Task Overview_NoCalls_HasZeroesAndNoLatencies()
    {
        using var person = await app.SignUpAsync();

        var overview = await person.GetAsync("/stats/overview");

        Assert.Equal(("0", 0), (Raw(overview, "total_cost"), overview.Number("call_count")));
        Assert.All(["avg_latency_ms", "p50_ms", "p95_ms"], name => Assert.Equal(JsonValueKind.Null, overview.GetProperty(name).ValueKind));
        Assert.Equal(JsonValueKind.Null, overview.GetProperty("change").GetProperty("total_cost_percent").ValueKind);
    }

    [Fact]
    public async Task ByCustomer_PageByPage_GivesEveryRowOnceInTheWindowOfTheFirst()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. Enumerable.Range(0, 25).Select(i => TestEvents.Make($"{1 + (i % 4)}", new { customer_id = $"customer-{i}" }))]);

        var walked = new List<JsonElement>();
        var path = "/stats/by-customer?limit=4";
        JsonElement page;
        do
        {
            page = await person.GetAsync(path);
            walked.AddRange(page.GetProperty("items").EnumerateArray());
            path = $"/stats/by-customer?limit=4&cursor={page.GetProperty("next_cursor").GetString()}";
        }
        while (page.GetProperty("next_cursor").ValueKind == JsonValueKind.String);

        var whole = (await person.GetAsync("/stats/by-customer?limit=200")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(25, walked.Count);
        Assert.Equal(whole.Select(row => row.GetRawText()), walked.Select(row => row.GetRawText()));
        Assert.Equal(s_rowMembers.Append("customer_id").Order(), walked[0].EnumerateObject().Select(member => member.Name).Order());
    }

    [Fact]
    public async Task Window_FromAndTo_HoldsWhatHappenedBetween()
    {
        using var person = await app.SignUpAsync();
        var noon = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-2).AddHours(12), TimeSpan.Zero);
        await person.SendAsync([.. Enumerable.Range(0, 6).Select(i => TestEvents.Make("1", new { occurred_at = noon.AddHours(i).AddMinutes(30), customer_id = "acme" }))]);

        var between = await person.GetAsync($"/stats/overview?from={Wire(noon.AddHours(1))}&to={Wire(noon.AddHours(4))}");
        var ofCustomer = await person.GetAsync($"/stats/overview?from={Wire(noon.AddHours(1))}&to={Wire(noon.AddHours(4))}&customer_id=acme");
        var toNow = await person.GetAsync($"/stats/overview?from={Wire(noon.AddHours(5))}");
        var withOffset = await person.GetAsync($"/stats/overview?from={noon.AddHours(3):yyyy-MM-ddTHH:mm:ss}+02:00&to={Wire(noon.AddHours(4))}");

        Assert.Equal((3, 3, 1, 3), (between.Number("call_count"), ofCustomer.Number("call_count"), toNow.Number("call_count"), withOffset.Number("call_count")));
        Assert.Equal((noon.AddHours(1), noon.AddHours(4)), (Time(between, "from"), Time(between, "to")));
        static DateTimeOffset Time(JsonElement answer, string edge) => answer.GetProperty("window").GetProperty(edge).GetDateTimeOffset();
        static string Wire(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ");
    }

    [Theory]
    [InlineData("hours=0", "hours:out-of-range")]
    [InlineData("hours=2209", "hours:out-of-range")]
    [InlineData("hours=soon&limit=201&cursor=AAAA", "cursor:malformed hours:out-of-range limit:out-of-range")]
    [InlineData("hours=24&from=2026-01-01T00:00:00Z", "from:out-of-range hours:conflict")]
    [InlineData("to=2026-01-01", "from:required")]
    [InlineData("from=yesterday&to=2026-01-40", "from:malformed to:malformed")]
    [InlineData("from=2026-02-01&to=2026-01-01", "from:out-of-range")]
    [InlineData("from=0001-01-01&to=0001-01-02", "from:malformed to:malformed")]
    [InlineData("customer_id=a%00b&model=%7f", "customer_id:bad-character model:bad-character")]
    [InlineData("cursor=%2Fetc%2Fpasswd", "cursor:malformed")]
    public async Task Query_Faulty_NamesEveryFault(string query, string faults)
    {
        using var person = await app.SignUpAsync();

        foreach (var path in new[] { "/stats/overview", "/stats/by-model", "/stats/by-agent", "/stats/by-customer" })
        {
            var problem = await person.GetAsync($"{path}?{query}", 422);
            Assert.Equal(faults, string.Join(' ', problem.Faults().Select(fault => $"{fault.Path}:{fault.Code}").Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task Keys_ReadScope_IsNeeded()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsync("/auth/api-keys?name=x", null).JsonAsync();
        using var reader = app.With((await System.Net.Http.Json.HttpClientJsonExtensions
            .PostAsJsonAsync(person.Session, "/api-keys", new { scopes = new[] { "read" } }).JsonAsync()).Text("key"));
        using var sdk = app.With(made.Text("key"));

        foreach (var path in new[] { "/stats/overview", "/stats/by-provider/", "/stats/by-model", "/stats/by-agent", "/stats/by-customer", "/stats/periods", "/stats/timeseries", "/runs/latest" })
        {
            await reader.GetAsync(path).JsonAsync();
            await sdk.GetAsync(path).JsonAsync(403);
            await app.Anyone.GetAsync(path).JsonAsync(401);
        }
    }

    private static async Task AssertListAsync(TestPerson person, List<JsonObject> events, string path, string name)
    {
        var page = await person.GetAsync(path);
        var matching = Matching(events, page, path[path.IndexOf('?', StringComparison.Ordinal)..]);
        var all = matching.Sum(Cost);
        var expected = matching.GroupBy(e => Canonical(e, name)).ToDictionary(group => group.Key ?? "", group => group.ToList());
        var rows = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(expected.Keys.Order(), rows.Select(row => row.GetProperty(name).GetString() ?? "").Order());
        Assert.Equal(rows.OrderByDescending(row => row.GetProperty("total_cost").GetDecimal()).Select(row => row.GetRawText()), rows.Select(row => row.GetRawText()));
        foreach (var row in rows)
        {
            var ofRow = expected[row.GetProperty(name).GetString() ?? ""];
            AssertFigures(ofRow, row);
            Assert.Equal(all == 0 ? 0 : decimal.Round(ofRow.Sum(Cost) * 100 / all, 2), row.GetProperty("percentage").GetDecimal());
        }
    }

    /// <summary>The events in the window that an answer names, narrowed as the query says.</summary>
    private static List<JsonObject> Matching(List<JsonObject> events, JsonElement answer, string query)
    {
        var window = answer.GetProperty("window");
        return StatsEvents.Matching(events, query, window.GetProperty("from").GetDateTimeOffset(), window.GetProperty("to").GetDateTimeOffset());
    }

    private static string Raw(JsonElement element, string name) => element.GetProperty(name).GetRawText();
}
