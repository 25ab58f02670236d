using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Api.Tests.Holds;

/// <summary>Holds as a client asks for them.</summary>
internal static class TestHolds
{
    /// <summary>1,000 tokens in and 500 out of gpt-4o: 1,000 × 2.50 + 500 × 10.00 dollars a million.</summary>
    public const string Cost = "0.0075";

    /// <summary>What its input alone costs.</summary>
    public const decimal InputCost = 0.0025m;

    /// <summary>What a token of its output costs.</summary>
    public const decimal OutputTokenCost = 0.00001m;

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A call that costs <see cref="Cost"/> at most; <paramref name="more"/> adds fields or takes others' place.</summary>
    public static JsonObject Ask(object? more = null)
    {
        var ask = JsonSerializer.SerializeToNode(new
        {
            provider = "openai",
            model = "gpt-4o",
            customer_id = "acme",
            estimate = new { input_tokens = 1000, max_output_tokens = 500 },
        })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject())
        {
            ask[name] = value?.DeepClone();
        }

        return ask;
    }

    /// <summary>The event of such a call, which costs <see cref="Cost"/> unless <paramref name="more"/> says otherwise.</summary>
    public static JsonObject Call(string? holdId, object? more = null)
    {
        var call = TestEvents.Make("0", new
        {
            provider = "openai",
            model = "gpt-4o-2024-08-06",
            customer_id = "acme",
            input_tokens = 1000,
            output_tokens = 500,
            hold_id = holdId,
        });
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject())
        {
            call[name] = value?.DeepClone();
        }

        return call;
    }

    public static Task<JsonElement> HoldAsync(this TestPerson person, JsonNode ask, string? key = null, int status = 200) =>
        PostAsync(person.Sdk, ask.ToJsonString(s_plain), key, status);

    public static async Task<JsonElement> PostAsync(HttpClient client, string body, string? key = null, int status = 200)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/caps/check")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await client.SendAsync(request).JsonAsync(status);
    }

    /// <summary>Sends events, whatever becomes of them.</summary>
    public static Task<JsonElement> SendAsync(this TestPerson person, int status, params JsonObject[] events) =>
        person.Sdk.PostAsJsonAsync("/events/", new JsonArray([.. events.Select(each => each.DeepClone())]), s_plain).JsonAsync(status);

    /// <summary>A hard cap of a day on customer acme, or on what is said; its id.</summary>
    public static async Task<string> CapAsync(this TestPerson person, decimal limit, string type = "customer", string? target = "acme") =>
        (await person.CreateCapAsync(new
        {
            cap_type = type,
            target_name = target,
            limit_amount = limit,
            period = "daily",
            enforcement = "hard_block",
        })).Text("id");

    public static Task<JsonElement> ChangeSettingsAsync(this TestPerson person, object settings, int status = 200) =>
        person.Session.PatchAsJsonAsync("/caps/settings", settings).JsonAsync(status);

    public static bool IsAllowed(this JsonElement answer) => answer.GetProperty("allowed").GetBoolean();

    public static string Raw(this JsonElement element, string name) => element.GetProperty(name).GetRawText();

    public static IEnumerable<string> Names(this JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    public static bool Has(this JsonElement element, string name) => element.TryGetProperty(name, out _);

    public static JsonElement OnlyCap(this JsonElement answer) => Assert.Single(answer.GetProperty("exceeded_caps").EnumerateArray());
}
