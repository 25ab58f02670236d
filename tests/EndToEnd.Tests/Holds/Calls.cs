using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>
/// Calls of gpt-4o by agent writer for customer acme: what is asked for before they are made, and their events. Its prices are 2.50 and 10
/// dollars a million tokens.
/// </summary>
internal static class Calls
{
    public const decimal Cent = 0.01m;

    /// <summary>The event of a call that used all that a cent covers.</summary>
    public static readonly (int Input, int Output) ForACent = (2000, 500);

    /// <summary>The event of a call that used less: <see cref="LessCost"/>.</summary>
    public static readonly (int Input, int Output) ForLess = (1000, 100);

    public const decimal LessCost = 0.0035m;

    /// <summary>The event of a call that hardly used any: <see cref="LittleCost"/>.</summary>
    public static readonly (int Input, int Output) ForLittle = (400, 0);

    public const decimal LittleCost = 0.001m;

    public const string Customer = "acme";

    /// <summary>As a query of <c>GET /caps/check</c>.</summary>
    public const string Labels = "provider=openai&model=gpt-4o&agent=writer&customer_id=acme";

    /// <summary>Asks for what the caller says that it costs.</summary>
    public static JsonObject Costing(decimal cost, int? ttlSeconds = null, string customer = Customer) =>
        Asking(new JsonObject { ["cost_usd"] = cost }, ttlSeconds, customer);

    /// <summary>Asks for what these tokens cost at most.</summary>
    public static JsonObject Using(int inputTokens, int maxOutputTokens, bool clamp = false)
    {
        var ask = Asking(new JsonObject { ["input_tokens"] = inputTokens, ["max_output_tokens"] = maxOutputTokens }, ttlSeconds: null, Customer);
        ask["clamp"] = clamp;
        return ask;
    }

    /// <summary>The call's event.</summary>
    public static JsonObject Event(string id, string holdId, (int Input, int Output) used, string customer = Customer)
    {
        var call = Harness.Events.Call(id);
        call["section"] = "agent:writer";
        call["section_path"] = "agent:writer";
        call["customer_id"] = customer;
        call["hold_id"] = holdId;
        call["input_tokens"] = used.Input;
        call["output_tokens"] = used.Output;
        return call;
    }

    /// <summary>Asks, and must get it.</summary>
    public static async Task<JsonElement> GrantedAsync(this ApiClient client, JsonObject ask, string? key = null)
    {
        var answer = (await client.AskAsync(ask, key)).Expect(HttpStatusCode.OK);
        Assert.True(answer.IsAllowed(), answer.GetRawText());
        Assert.Equal("open", answer.GetProperty("status").GetString());
        return answer;
    }

    /// <summary>Asks, and must be denied for calls in flight.</summary>
    public static async Task<JsonElement> HeldOffAsync(this ApiClient client, JsonObject ask)
    {
        var answer = (await client.AskAsync(ask)).Expect(HttpStatusCode.OK);
        answer.AssertHeldOff();
        return answer;
    }

    /// <summary>Sends events that must all be new.</summary>
    public static async Task<JsonElement> RecordAsync(this ApiClient client, params IReadOnlyCollection<JsonObject> events)
    {
        var answer = (await client.PostEventsAsync(events)).Expect(HttpStatusCode.Created);
        Assert.Equal(events.Count, answer.GetProperty("created").GetInt32());
        return answer;
    }

    public static async Task<JsonElement> CapAsync(this ApiClient client, string cap) => await client.GetAsync($"caps/{cap}");

    /// <summary>Asserts where a cap stands.</summary>
    public static async Task AssertStandsAsync(this ApiClient client, string cap, decimal spent, decimal held)
    {
        var state = await client.CapAsync(cap);
        Assert.Equal((spent, held), (state.Spent(), state.Held()));
        Assert.Equal(state.Limit() - spent - held, state.Remaining());
    }

    public static bool IsAllowed(this JsonElement answer) => answer.GetProperty("allowed").GetBoolean();

    public static string HoldId(this JsonElement answer) => answer.GetProperty("hold_id").GetString()!;

    public static DateTimeOffset ExpiresAt(this JsonElement answer) => answer.GetProperty("expires_at").GetDateTimeOffset();

    public static decimal Amount(this JsonElement answer) => answer.GetProperty("amount_usd").GetDecimal();

    public static string? Reason(this JsonElement answer) => answer.GetProperty("reason").GetString();

    public static TimeSpan RetryAfter(this JsonElement answer) => TimeSpan.FromMilliseconds(answer.GetProperty("retry_after_ms").GetInt64());

    public static decimal Spent(this JsonElement cap) => cap.GetProperty("current_spend").GetDecimal();

    public static decimal Held(this JsonElement cap) => cap.GetProperty("held").GetDecimal();

    public static decimal Remaining(this JsonElement cap) => cap.GetProperty("remaining").GetDecimal();

    public static decimal Limit(this JsonElement cap) => cap.GetProperty("limit_amount").GetDecimal();

    public static string Id(this JsonElement cap) => cap.GetProperty("id").GetString()!;

    /// <summary>Asserts that calls in flight and nothing else keep this caller out, that waiting helps, and that nothing is held for it.</summary>
    public static void AssertHeldOff(this JsonElement answer)
    {
        Assert.False(answer.IsAllowed(), answer.GetRawText());
        Assert.Equal("held", answer.Reason());
        Assert.True(answer.RetryAfter() > TimeSpan.Zero, answer.GetRawText());
        Assert.False(answer.TryGetProperty("hold_id", out _), answer.GetRawText());
        var caps = answer.GetProperty("exceeded_caps").EnumerateArray().ToList();
        Assert.NotEmpty(caps);
        Assert.All(caps, cap =>
        {
            Assert.Equal("held", cap.GetProperty("kind").GetString());
            Assert.True(cap.GetProperty("retry_after_ms").GetInt64() > 0);
        });
    }

    private static JsonObject Asking(JsonObject estimate, int? ttlSeconds, string customer)
    {
        var ask = new JsonObject
        {
            ["provider"] = "openai",
            ["model"] = "gpt-4o",
            ["agent"] = "agent:writer",
            ["customer_id"] = customer,
            ["estimate"] = estimate,
        };
        if (ttlSeconds is { } seconds)
        {
            ask["ttl_seconds"] = seconds;
        }

        return ask;
    }
}
