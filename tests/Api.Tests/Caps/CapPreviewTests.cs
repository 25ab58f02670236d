using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.Api.Tests.Caps;

/// <summary>What a cap would have seen, against sums over the events that were sent.</summary>
public sealed class CapPreviewTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_scopes =
    [
        """{"cap_type":"global"}""", """{"cap_type":"provider","target_name":"Provider-A"}""", """{"cap_type":"model","target_name":"model-1"}""",
        """{"cap_type":"agent","target_name":"writer"}""", """{"cap_type":"customer","target_name":"acme"}""",
        """{"cap_type":"customer","target_name":"acme","sub_scope":"provider","sub_target":"provider-b"}""",
        """{"cap_type":"customer","target_name":"acme","sub_scope":"model","sub_target":"model-2"}""",
    ];

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kathmandu")]
    public async Task Preview_RandomEvents_EqualsPlainSums(string zoneId)
    {
        using var person = await app.SignUpAsync();
        await ChangeZoneAsync(person, zoneId);
        var zone = AccountZone.Parse(zoneId);
        var events = RandomEvents(new Random(zoneId.Length));
        await person.SendAsync([.. events]);

        foreach (var scope in s_scopes)
        {
            foreach (var (word, period) in new[] { ("daily", CapPeriod.Daily), ("weekly", CapPeriod.Weekly), ("monthly", CapPeriod.Monthly) })
            {
                var body = JsonNode.Parse(scope)!.AsObject();
                (body["limit_amount"], body["period"], body["days"]) = (3m, word, 7);
                AssertSums([.. events.Where(e => IsOf(e, body))], await PreviewAsync(person, body), zone, period, 3m);
            }
        }
    }

    [Fact]
    public async Task Preview_NoSpend_HasPeriodsOfNothing()
    {
        using var person = await app.SignUpAsync();

        var preview = await PreviewAsync(person, new JsonObject { ["cap_type"] = "global", ["limit_amount"] = 1, ["period"] = "daily", ["days"] = 92 });

        Assert.Equal(93, preview.GetProperty("periods").GetArrayLength());
        Assert.Equal((0, "0", "0", "UTC"), (preview.Number("times_reached"), preview.GetProperty("over_total").GetRawText(), preview.GetProperty("current_spend").GetRawText(), preview.Text("time_zone")));
        Assert.Equal(0, (await person.GetAsync("/caps/")).GetArrayLength());
        Assert.Equal(31, (await PreviewAsync(person, new JsonObject { ["cap_type"] = "global", ["limit_amount"] = 1, ["period"] = "daily" })).GetProperty("periods").GetArrayLength());
    }

    [Fact]
    public async Task Preview_SpendAtTheLimit_IsReachedAndNotOver()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("0.8"), TestEvents.Make("0.2"));

        var body = new JsonObject { ["cap_type"] = "global", ["limit_amount"] = 1, ["period"] = "monthly", ["alert_threshold"] = 0.5, ["days"] = 1 };
        var current = (await PreviewAsync(person, body)).GetProperty("periods").EnumerateArray().Last();

        Assert.Equal(("1", "100", "0", "[0.5,1]"), (Raw(current, "spent"), Raw(current, "percentage"), Raw(current, "over"), Raw(current, "thresholds_crossed")));
        body["limit_amount"] = 1.000000001m;
        current = (await PreviewAsync(person, body)).GetProperty("periods").EnumerateArray().Last();
        Assert.Equal(("null", "[0.5]"), (Raw(current, "reached_at"), Raw(current, "thresholds_crossed")));
    }

    [Fact]
    public async Task Preview_BadBody_NamesTheFaultsOfANewCapAndItsOwn()
    {
        using var person = await app.SignUpAsync();
        var body = new JsonObject { ["cap_type"] = "customer", ["limit_amount"] = 0, ["period"] = "hourly", ["alert_threshold"] = 2, ["days"] = 93 };

        var made = (await person.CreateCapAsync(body, 422)).Faults().ToList();
        var previewed = (await PreviewAsync(person, body, 422)).Faults().ToList();

        Assert.Equal(4, made.Count);
        Assert.Equal([.. made.Select(fault => fault.Path), "days"], previewed.Select(fault => fault.Path));
        Assert.Equal(made, previewed.Take(4));
    }

    [Fact]
    public async Task Preview_OfAnotherAccount_SeesNothingOfIt()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("5", new { customer_id = "acme" }));

        var preview = await PreviewAsync(stranger, new JsonObject { ["cap_type"] = "customer", ["target_name"] = "acme", ["limit_amount"] = 1, ["period"] = "daily" });

        Assert.Equal((0, "0"), (preview.Number("times_reached"), Raw(preview, "current_spend")));
    }

    private static void AssertSums(JsonObject[] events, JsonElement preview, AccountZone zone, CapPeriod period, decimal limit)
    {
        var (from, now) = (preview.GetProperty("window").GetProperty("from").GetDateTimeOffset(), preview.GetProperty("window").GetProperty("to").GetDateTimeOffset());
        Assert.Equal(zone.PeriodStart(period, now.AddDays(-7)), from);
        var (start, over, reached) = (from, 0m, 0);
        foreach (var seen in preview.GetProperty("periods").EnumerateArray())
        {
            var end = zone.PeriodEnd(period, start);
            Assert.Equal((start, end), (seen.GetProperty("period_start").GetDateTimeOffset(), seen.GetProperty("period_end").GetDateTimeOffset()));
            var spent = 0m;
            DateTimeOffset? reachedAt = null;
            foreach (var hour in events.Where(e => At(e) >= start && At(e) < end).GroupBy(e => zone.HourStart(At(e))).OrderBy(hour => hour.Key))
            {
                spent += hour.Sum(e => (decimal)e["cost_usd"]!);
                reachedAt ??= spent >= limit ? hour.Key : null;
            }

            Assert.Equal(spent, seen.GetProperty("spent").GetDecimal());
            Assert.Equal(decimal.Round(spent * 100 / limit, 2), seen.GetProperty("percentage").GetDecimal());
            Assert.Equal(Math.Max(0, spent - limit), seen.GetProperty("over").GetDecimal());
            Assert.Equal(reachedAt, seen.GetProperty("reached_at").Deserialize<DateTimeOffset?>());
            Assert.Equal(new[] { 0.8m, 1m }.Where(threshold => spent >= limit * threshold), seen.GetProperty("thresholds_crossed").EnumerateArray().Select(each => each.GetDecimal()));
            (start, over, reached) = (end, over + Math.Max(0, spent - limit), reached + (reachedAt is null ? 0 : 1));
        }

        Assert.True(start > now);
        Assert.Equal((over, reached), (preview.GetProperty("over_total").GetDecimal(), (int)preview.Number("times_reached")));
        Assert.Equal(preview.GetProperty("periods").EnumerateArray().Last().GetProperty("spent").GetRawText(), Raw(preview, "current_spend"));
    }

    private static bool IsOf(JsonObject e, JsonObject cap) => (string)cap["cap_type"]! switch
    {
        "provider" => (string)e["provider"]! == "provider-a",
        "model" => (string)e["model"]! == "model-1",
        "agent" => (string)e["section"]! == "agent:writer",
        "customer" => (string?)e["customer_id"] == "acme" && (string?)cap["sub_scope"] switch
        {
            "provider" => (string)e["provider"]! == "provider-b",
            "model" => (string)e["model"]! == "model-2",
            _ => true,
        },
        _ => true,
    };

    private static List<JsonObject> RandomEvents(Random random)
    {
        var now = TimeProvider.System.GetUtcNow();
        return [.. Enumerable.Range(0, 200).Select(_ => TestEvents.Make(
            (random.Next(1, 400_000_000) / 1_000_000_000m).ToString(CultureInfo.InvariantCulture),
            new
            {
                provider = $"provider-{"ab"[random.Next(2)]}",
                model = $"model-{random.Next(1, 3)}",
                section = random.Next(2) == 0 ? "agent:writer" : "step:1",
                customer_id = random.Next(3) == 0 ? "acme" : "other",
                occurred_at = now.AddSeconds(-random.Next(1, (int)TimeSpan.FromDays(6.5).TotalSeconds)),
            }))];
    }

    private static DateTimeOffset At(JsonObject e) => e["occurred_at"]!.Deserialize<DateTimeOffset>();

    private static string Raw(JsonElement element, string name) => element.GetProperty(name).GetRawText();

    private static Task<JsonElement> PreviewAsync(TestPerson person, JsonObject body, int status = 200) =>
        person.Session.PostAsJsonAsync("/caps/preview", body).JsonAsync(status);

    private async Task ChangeZoneAsync(TestPerson person, string zone)
    {
        var tokens = app.Services.GetRequiredService<SessionTokens>();
        Assert.Equal(SessionTokenOutcome.Valid, tokens.Read(person.Session.DefaultRequestHeaders.Authorization!.Parameter!, out var claims));
        await app.Services.GetRequiredService<IGrainFactory>().GetGrain<IAccountGrain>(claims.Account.ToString()).ChangeTimeZoneAsync(zone);
    }
}
