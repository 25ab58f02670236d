using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmObserve.Api.Tests.Stats;

/// <summary>Random events as clients send them, and the plain sums over them that figures must equal.</summary>
internal static class StatsEvents
{
    /// <summary>Events of the last week, half of them of the last day and a half.</summary>
    public static List<JsonObject> Random(Random random, DateTimeOffset now, int count)
    {
        return [.. Enumerable.Range(0, count).Select(i => TestEvents.Make($"{random.Next(4)}.00000000{random.Next(10)}", new
        {
            id = $"e{i}",
            occurred_at = now.AddDays(-6.9 * random.NextDouble() * (i % 2 == 0 ? 1 : 0.2)),
            customer_id = Pick("acme", "beta", null),
            provider = Pick("Provider-A", "provider-b"),
            model = Pick("model-1", "model-2", null),
            section = Pick("agent:Writer", "agent:reader"),
            input_tokens = random.Next(1000),
            output_tokens = random.Next(1000),
            cached_tokens = random.Next(1000),
            latency_ms = random.Next(20_000),
            status = Pick("ok", "error"),
        }))];

        string? Pick(params string?[] names) => names[random.Next(names.Length)];
    }

    public static async Task ChangeTimeZoneAsync(this TestPerson person, string zone) =>
        await person.Session.PatchAsJsonAsync("/tenants", new { time_zone = zone }).JsonAsync();

    /// <summary>The events of a window, narrowed as a query says.</summary>
    public static List<JsonObject> Matching(List<JsonObject> events, string query, DateTimeOffset from, DateTimeOffset to)
    {
        var filters = QueryHelpers.ParseQuery(query).Where(pair => pair.Key is "customer_id" or "provider" or "model" or "agent").ToList();
        return [.. events.Where(e => Occurred(e) >= from && Occurred(e) < to
            && filters.TrueForAll(filter => Canonical(e, filter.Key) == filter.Value.ToString().ToLowerInvariant().Replace("agent:", "", StringComparison.Ordinal)))];
    }

    public static void AssertFigures(List<JsonObject> events, JsonElement figures)
    {
        Assert.Equal(events.Sum(Cost), figures.GetProperty("total_cost").GetDecimal());
        Assert.Equal(events.Count, figures.Number("call_count"));
        Assert.Equal(events.Count, figures.Number("unpriced_count"));
        Assert.Equal(events.Count(IsError), figures.Number("errors"));
        foreach (var tokens in new[] { "input_tokens", "output_tokens", "cached_tokens" })
        {
            Assert.Equal(events.Sum(e => (long)e[tokens]!), figures.Number(tokens));
        }

        if (events.Count > 0)
        {
            Assert.Equal(decimal.Round((decimal)events.Sum(e => (long)e["latency_ms"]!) / events.Count, 1), figures.GetProperty("avg_latency_ms").GetDecimal());
            Assert.InRange(figures.Number("p50_ms"), 0, figures.Number("p95_ms"));
        }
    }

    /// <summary>A label as the ledger keeps it.</summary>
    public static string? Canonical(JsonObject e, string name) => name switch
    {
        "agent" => ((string)e["section"]!)["agent:".Length..].ToLowerInvariant(),
        "provider" => ((string)e["provider"]!).ToLowerInvariant(),
        _ => (string?)e[name],
    };

    public static DateTimeOffset Occurred(JsonObject e) => (DateTimeOffset)e["occurred_at"]!;

    public static bool IsError(JsonObject e) => (string?)e["status"] == "error";

    public static decimal Cost(JsonObject e) => decimal.Parse(e["cost_usd"]!.ToJsonString());
}
