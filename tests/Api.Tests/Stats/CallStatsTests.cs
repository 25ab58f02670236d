using System.Text.Json;
using System.Text.Json.Nodes;
using static LlmObserve.Api.Tests.Stats.StatsEvents;

namespace LlmObserve.Api.Tests.Stats;

/// <summary>Figures by kind of call and by section equal plain sums over the events that were sent.</summary>
public sealed class CallStatsTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_filters =
        ["", "&customer_id=acme", "&provider=Provider-A", "&model=model-2", "&agent=agent:writer", "&customer_id=beta&provider=provider-b&agent=reader"];

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kathmandu")]
    public async Task Lists_RandomEvents_EqualPlainSums(string zone)
    {
        using var person = await app.SignUpAsync();
        await person.ChangeTimeZoneAsync(zone);
        var events = RandomCalls(new Random(zone.Length), _now);
        await person.SendAsync([.. events]);

        foreach (var window in new[] { "hours=3", "hours=24", "hours=168" })
        {
            foreach (var filter in s_filters)
            {
                await AssertLlmsAsync(person, events, $"{window}{filter}");
                await AssertInfrastructureAsync(person, events, $"{window}{filter}");
                if (!filter.Contains("customer", StringComparison.Ordinal))
                {
                    await AssertSectionsAsync(person, events, $"{window}{filter}");
                }
            }
        }
    }

    [Theory]
    [InlineData("/stats/llms?hours=168")]
    [InlineData("/stats/infrastructure?hours=168")]
    public async Task Lists_PageByPage_GiveEveryRowOnceAndTheSameTotals(string list)
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(5), _now)]);
        var whole = await person.GetAsync(list);

        var walked = new List<string>();
        for (var path = $"{list}&limit=1"; path is not null;)
        {
            var page = await person.GetAsync(path);
            Assert.Equal(whole.GetProperty("totals").GetRawText(), page.GetProperty("totals").GetRawText());
            walked.AddRange(Rows(page).Select(row => row.GetRawText()));
            path = page.GetProperty("next_cursor").GetString() is { } next ? $"{list}&limit=1&cursor={next}" : null;
        }

        Assert.InRange(walked.Count, 4, 6);
        Assert.Equal(Rows(whole).Select(row => row.GetRawText()), walked);
    }

    [Fact]
    public async Task Lists_CursorOfAnotherList_IsRefused()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(6), _now)]);
        var other = (await person.GetAsync("/stats/by-model?hours=168&limit=1")).GetProperty("next_cursor").GetString();

        await person.GetAsync($"/stats/llms?cursor={other}", 422);
        await person.GetAsync($"/stats/infrastructure?cursor={other}", 422);
    }

    [Theory]
    [InlineData("/stats/llms", "cost", "total_cost")]
    [InlineData("/stats/llms", "calls", "call_count")]
    [InlineData("/stats/llms", "output_tokens", "output_tokens")]
    [InlineData("/stats/infrastructure", "errors", "errors")]
    [InlineData("/stats/infrastructure", "latency", "avg_latency_ms")]
    public async Task Lists_Sorted_AreWalkedInThatOrder(string list, string sort, string figure)
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(7), _now)]);
        var whole = Rows(await person.GetAsync($"{list}?hours=168")).Select(row => row.GetRawText()).Order(StringComparer.Ordinal).ToList();

        foreach (var order in new[] { "asc", "desc" })
        {
            var walked = new List<JsonElement>();
            for (var path = $"{list}?hours=168&sort={sort}&order={order}&limit=1"; path is not null;)
            {
                var page = await person.GetAsync(path);
                walked.AddRange(Rows(page));
                path = page.GetProperty("next_cursor").GetString() is { } next
                    ? $"{list}?hours=168&sort={sort}&order={order}&limit=1&cursor={next}" : null;
            }

            var values = walked.Select(row => row.GetProperty(figure).GetDecimal()).ToList();
            Assert.Equal(order == "asc" ? values.Order() : values.OrderDescending(), values);
            Assert.Equal(whole, walked.Select(row => row.GetRawText()).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Llms_ByName_AreInTheOrderOfModels()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(8), _now)]);

        var names = Rows(await person.GetAsync("/stats/llms?hours=168&sort=name")).Select(row => $"{row.Text("model")} {row.Text("provider")}").ToList();

        Assert.True(names.Count > 2);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Lists_Searched_HaveRowsWhoseModelOrProviderHoldsTheTextAndTotalsOfAll()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(9), _now)]);
        var all = await person.GetAsync("/stats/llms?hours=168");

        var models = await person.GetAsync("/stats/llms?hours=168&q=EL-2");
        var provider = await person.GetAsync("/stats/llms?hours=168&q=provider-b");

        Assert.NotEmpty(Rows(models));
        Assert.All(Rows(models), row => Assert.Equal("model-2", row.Text("model")));
        Assert.NotEmpty(Rows(provider));
        Assert.All(Rows(provider), row => Assert.Equal("provider-b", row.Text("provider")));
        Assert.Equal(all.GetProperty("totals").GetRawText(), models.GetProperty("totals").GetRawText());
        Assert.Empty(Rows(await person.GetAsync("/stats/llms?hours=168&q=%25")));
    }

    [Theory]
    [InlineData("/stats/llms", "provider,model,percentage,cost_per_1k_calls,total_cost,")]
    [InlineData("/stats/infrastructure", "provider,type,percentage,reads,writes,total_cost,")]
    public async Task File_OfAList_HasItsRows(string list, string head)
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(10), _now)]);
        var rows = Rows(await person.GetAsync($"{list}?hours=168"));

        var lines = (await person.Session.GetStringAsync($"{list}?hours=168&format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var file = JsonSerializer.Deserialize<JsonElement>(await person.Session.GetStringAsync($"{list}?hours=168&format=json"));

        Assert.StartsWith(head, lines[0], StringComparison.Ordinal);
        var cost = Array.IndexOf(lines[0].Split(','), "total_cost");
        Assert.Equal(rows.Select(row => row.GetProperty("total_cost").GetRawText()), lines.Skip(1).Select(line => line.Split(',')[cost]));
        Assert.Equal(rows.Select(row => row.GetRawText()), file.GetProperty("items").EnumerateArray().Select(row => row.GetRawText()));
    }

    [Fact]
    public async Task TimeSeries_OfAKind_AddUpToTheListOfThatKind()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(11), _now)]);

        foreach (var (kind, list) in new[] { ("llm", "llms"), ("infrastructure", "infrastructure") })
        {
            foreach (var filter in new[] { "", "&customer_id=acme" })
            {
                var totals = (await person.GetAsync($"/stats/{list}?hours=168{filter}")).GetProperty("totals");
                foreach (var group in new[] { "none", "model", "customer" })
                {
                    var series = await person.GetAsync($"/stats/timeseries?hours=168&kind={kind}&group={group}{filter}");
                    Assert.Equal(
                        totals.GetProperty("total_cost").GetDecimal(),
                        series.GetProperty("series").EnumerateArray().Sum(one => one.GetProperty("total_cost").GetDecimal()));
                }
            }
        }

        Assert.Contains(
            ("kind", "unknown-value"), (await person.GetAsync("/stats/timeseries?kind=vector", 422)).Faults().Select(fault => (fault.Path, fault.Code)));
    }

    [Fact]
    public async Task Llms_CostPer1k_IsRoundedToTheNanoDollar()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(Call("1", "llm"), Call("1", "llm"), Call("0.000000001", "llm"), Call("5", "vector_db"));

        var llms = await person.GetAsync("/stats/llms");

        Assert.Equal("666.666667", Rows(llms).Single().GetProperty("cost_per_1k_calls").GetRawText()[..10]);
        Assert.Equal(3, llms.GetProperty("totals").Number("call_count"));
    }

    [Fact]
    public async Task Section_WithChildren_ShowsItselfAndThem()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(
            In("checkout", "1"), In("checkout/pay", "2"), In("checkout/pay/card", "4"), In("checkout/cart", "1"), In("checkout0", "50"), In("checkou", "50"));

        var section = await person.GetAsync("/stats/section/checkout");
        var pay = await person.GetAsync("/stats/section/checkout%2Fpay");
        var above = await person.GetAsync("/stats/section/checkout%2Fpay%2Fcard");

        Assert.Equal(("checkout", 1, 4, 8), Whole(section));
        Assert.Equal(["checkout/pay 6 75", "checkout/cart 1 12.5"], Children(section));
        Assert.Equal(("checkout/pay", 2, 2, 6), Whole(pay));
        Assert.Equal(["checkout/pay/card 4 66.67"], Children(pay));
        Assert.Equal(("checkout/pay/card", 4, 1, 4), Whole(above));
        Assert.Empty(Children(above));
        await person.GetAsync("/stats/section/check", 404);
        await person.GetAsync("/stats/section/checkout?hours=1&from=2026-01-01", 422);

        static (string? Path, decimal Cost, long Calls, decimal All) Whole(JsonElement answer) => (
            answer.Text("section_path"), answer.GetProperty("total_cost").GetDecimal(), answer.Number("call_count_with_children"),
            answer.GetProperty("cost_with_children").GetDecimal());
        static IEnumerable<string> Children(JsonElement answer) => answer.GetProperty("children").EnumerateArray().Select(row =>
            $"{row.Text("section_path")} {row.GetProperty("total_cost").GetDecimal():0.####} {row.GetProperty("percentage").GetDecimal():0.####}");
    }

    [Fact]
    public async Task Sections_PathsWithIds_AreFoldedAndSumsStay()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync([.. Enumerable.Range(0, 1_002).Select(i => In($"order/{i}", "0.01")), In("order", "0.02")]);

        var sections = await person.GetAsync("/stats/by-section");

        Assert.True(sections.GetProperty("folded").GetBoolean());
        var rows = Rows(sections);
        Assert.Equal(1_001, rows.Count);
        Assert.Equal(("…", 3), (rows[0].Text("section_path"), rows[0].Number("call_count")));
        Assert.Equal(10.04m, rows.Sum(row => row.GetProperty("total_cost").GetDecimal()));
    }

    [Theory]
    [InlineData("/stats/by-section?customer_id=acme", "customer_id:conflict")]
    [InlineData("/stats/section/checkout?customer_id=acme&hours=0", "customer_id:conflict hours:out-of-range")]
    [InlineData("/stats/section/a%01b", "section:bad-character")]
    [InlineData("/stats/llms?hours=0&limit=201", "hours:out-of-range limit:out-of-range")]
    [InlineData("/stats/infrastructure?sort=colour&format=csv&limit=1", "limit:conflict sort:unknown-value")]
    public async Task Query_Faulty_NamesEveryFault(string path, string faults)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.GetAsync(path, 422);

        Assert.Equal(faults, string.Join(' ', problem.Faults().Select(fault => $"{fault.Path}:{fault.Code}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Figures_OfAnotherAccount_AreNotSeen()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        await person.SendAsync([.. RandomCalls(new Random(7), _now)]);

        foreach (var path in new[] { "/stats/llms", "/stats/infrastructure", "/stats/by-section" })
        {
            Assert.NotEmpty(Rows(await person.GetAsync($"{path}?hours=168")));
            Assert.Empty(Rows(await other.GetAsync($"{path}?hours=168")));
        }

        await person.GetAsync("/stats/section/agent:Writer?hours=168");
        await other.GetAsync("/stats/section/agent:Writer?hours=168", 404);
    }

    private static List<JsonObject> RandomCalls(Random random, DateTimeOffset now)
    {
        return [.. Enumerable.Range(0, 120).Select(i => TestEvents.Make($"{random.Next(4)}.00000000{random.Next(10)}", new
        {
            id = $"e{i}",
            occurred_at = now.AddDays(-6.9 * random.NextDouble() * (i % 2 == 0 ? 1 : 0.1)),
            customer_id = Pick("acme", "beta", null),
            provider = Pick("Provider-A", "provider-b"),
            model = Pick("model-1", "model-2", null),
            section = Pick("agent:Writer", "agent:reader"),
            span_type = Pick("llm", "llm_call", "vector_db", "vector_db_query", "api_call", "tool"),
            endpoint = Pick("index.query", "batchUpsert", "ping", "chat"),
            input_tokens = random.Next(1000),
            output_tokens = random.Next(1000),
            cached_tokens = random.Next(1000),
            latency_ms = 1 + random.Next(20_000),
            status = Pick("ok", "error"),
        })).Select((e, i) =>
        {
            // Half of them below their agent.
            e["section_path"] = i % 2 == 0 ? (string?)e["section"] : $"{e["section"]}/step-{i % 3}";
            return e;
        })];

        string? Pick(params string?[] names) => names[random.Next(names.Length)];
    }

    private static async Task AssertLlmsAsync(TestPerson person, List<JsonObject> events, string query)
    {
        var page = await person.GetAsync($"/stats/llms?{query}");
        var calls = InWindow(events, page, query).Where(e => Type(e) == "llm").ToList();
        AssertRows(page, calls, e => $"{Canonical(e, "provider")} {Canonical(e, "model")}", row => $"{row.Text("provider")} {row.GetProperty("model").GetString()}");
        AssertSums(calls, page.GetProperty("totals"));
    }

    private static async Task AssertInfrastructureAsync(TestPerson person, List<JsonObject> events, string query)
    {
        var page = await person.GetAsync($"/stats/infrastructure?{query}");
        var calls = InWindow(events, page, query).Where(e => Type(e) is "api" or "vector_db").ToList();
        AssertRows(
            page,
            calls,
            e => $"{Canonical(e, "provider")} {Type(e)} {Does(calls, e, "index.query")} {Does(calls, e, "batchUpsert")}",
            row => $"{row.Text("provider")} {row.Text("type")} {row.Number("reads")} {row.Number("writes")}");
        var totals = page.GetProperty("totals");
        AssertSums(calls, totals);
        Assert.Equal(calls.Count(e => Type(e) == "api"), totals.Number("api_calls"));
        Assert.Equal(calls.Count(e => Type(e) == "vector_db" && (string?)e["endpoint"] == "index.query"), totals.Number("reads"));
        Assert.Equal(calls.Count(e => Type(e) == "vector_db" && (string?)e["endpoint"] == "batchUpsert"), totals.Number("writes"));

        static int Does(List<JsonObject> calls, JsonObject like, string endpoint) => Type(like) == "api" ? 0 : calls.Count(e =>
            Type(e) == "vector_db" && (string?)e["endpoint"] == endpoint && Canonical(e, "provider") == Canonical(like, "provider"));
    }

    private static async Task AssertSectionsAsync(TestPerson person, List<JsonObject> events, string query)
    {
        var page = await person.GetAsync($"/stats/by-section?{query}");
        AssertRows(page, InWindow(events, page, query), e => (string)e["section_path"]!, row => row.Text("section_path")!);
        Assert.False(page.GetProperty("folded").GetBoolean());
    }

    private static void AssertRows(JsonElement page, List<JsonObject> calls, Func<JsonObject, string> nameOf, Func<JsonElement, string> nameOfRow)
    {
        var all = calls.Sum(Cost);
        var expected = calls.GroupBy(nameOf).ToDictionary(group => group.Key, group => group.ToList());
        var rows = Rows(page);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), rows.Select(nameOfRow).Order(StringComparer.Ordinal));
        Assert.Equal(rows.Select(row => row.GetProperty("total_cost").GetDecimal()).OrderDescending(), rows.Select(row => row.GetProperty("total_cost").GetDecimal()));
        foreach (var row in rows)
        {
            var ofRow = expected[nameOfRow(row)];
            AssertSums(ofRow, row);
            Assert.Equal(all == 0 ? 0 : decimal.Round(ofRow.Sum(Cost) * 100 / all, 2), row.GetProperty("percentage").GetDecimal());
        }
    }

    private static void AssertSums(List<JsonObject> calls, JsonElement figures)
    {
        Assert.Equal(
            (calls.Sum(Cost), calls.Count, calls.Count(IsError)),
            (figures.GetProperty("total_cost").GetDecimal(), figures.Number("call_count"), figures.Number("errors")));
        foreach (var tokens in new[] { "input_tokens", "output_tokens", "cached_tokens" })
        {
            Assert.Equal(calls.Sum(e => (long)e[tokens]!), figures.Number(tokens));
        }

        if (calls.Count > 0)
        {
            Assert.Equal(decimal.Round((decimal)calls.Sum(e => (long)e["latency_ms"]!) / calls.Count, 1), figures.GetProperty("avg_latency_ms").GetDecimal());
        }
    }

    private static List<JsonObject> InWindow(List<JsonObject> events, JsonElement answer, string query)
    {
        var window = answer.GetProperty("window");
        return Matching(events, query, window.GetProperty("from").GetDateTimeOffset(), window.GetProperty("to").GetDateTimeOffset());
    }

    private static string Type(JsonObject e) => (string)e["span_type"]! switch
    {
        "llm" or "llm_call" => "llm",
        "api_call" => "api",
        "tool" => "other",
        _ => "vector_db",
    };

    private static List<JsonElement> Rows(JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    private static JsonObject Call(string cost, string spanType) => TestEvents.Make(cost, new { span_type = spanType });

    private static JsonObject In(string path, string cost) => TestEvents.Make(cost, new { section = "x", section_path = path });
}
