using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Api.Tests;

/// <summary>Events as a client sends them.</summary>
internal static class TestEvents
{
    /// <summary>Plus signs as they are, as nearly every client writes them.</summary>
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// A call to a model that no book prices, so that it costs exactly what it says; <paramref name="more"/> adds fields or takes others' place.
    /// </summary>
    public static JsonObject Make(string costUsd, object? more = null)
    {
        var e = JsonSerializer.SerializeToNode(new
        {
            id = Guid.NewGuid().ToString("N"),
            run_id = "run-1",
            span_id = Guid.NewGuid().ToString("N"),
            section = "checkout",
            span_type = "llm_call",
            provider = "nobodys-provider",
            endpoint = "chat",
            model = "nobodys-model",
        })!.AsObject();
        e["cost_usd"] = JsonNode.Parse(costUsd);
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject())
        {
            e[name] = value?.DeepClone();
        }

        return e;
    }

    /// <summary>Sends events and sees that all of them were new.</summary>
    public static async Task SendAsync(this TestPerson person, params JsonObject[] events)
    {
        var answer = await person.Sdk.PostAsJsonAsync("/events/", new JsonArray([.. events]), s_plain).JsonAsync(201);
        Assert.Equal(events.Length, answer.Number("created"));
    }

    public static async Task<JsonElement> GetAsync(this TestPerson person, string path, int status = 200) =>
        await person.Session.GetAsync(path).JsonAsync(status);

    /// <summary>Whether a call with these labels may be made, as the person's program asks.</summary>
    public static async Task<JsonElement> CheckAsync(this TestPerson person, string query) =>
        await person.Sdk.GetAsync("/caps/check?" + query).JsonAsync();

    public static async Task<JsonElement> CreateCapAsync(this TestPerson person, object body, int status = 200) =>
        await person.Session.PostAsJsonAsync("/caps/", body).JsonAsync(status);

    /// <summary>The paths of a problem's faults.</summary>
    public static IEnumerable<(string Path, string Code)> Faults(this JsonElement problem) =>
        problem.GetProperty("errors").EnumerateArray().Select(fault => (fault.Text("path"), fault.Text("code")));
}
