using System.Text.Json.Nodes;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>Events as SDKs send them.</summary>
internal static class Events
{
    public static readonly string[] Models = ["gpt-4o-2024-08-06", "gpt-4o-mini", "a-model-nobody-prices"];

    public static readonly string[] Customers = ["acme", "globex", "initech", "umbrella"];

    public static readonly string[] Agents = ["researcher", "writer"];

    /// <summary>One call of gpt-4o with 1,000 tokens in and 100 out.</summary>
    public static JsonObject Call(string id, string model = "gpt-4o-2024-08-06") => new()
    {
        ["id"] = id,
        ["run_id"] = "run-1",
        ["span_id"] = id,
        ["parent_span_id"] = null,
        ["section"] = "agent:researcher",
        ["section_path"] = "agent:researcher/tool:web_search",
        ["span_type"] = "llm",
        ["provider"] = "openai",
        ["endpoint"] = "chat",
        ["model"] = model,
        ["tenant_id"] = "default_tenant",
        ["customer_id"] = "acme",
        ["input_tokens"] = 1000,
        ["output_tokens"] = 100,
        ["cached_tokens"] = 0,
        ["cost_usd"] = 0.0035,
        ["latency_ms"] = 512.5,
        ["status"] = "ok",
        ["is_streaming"] = false,
        ["stream_cancelled"] = false,
        ["event_metadata"] = null,
        ["semantic_label"] = null,
    };

    /// <summary>One call whose labels and size follow from its number, so that totals are no multiples of one figure.</summary>
    public static JsonObject Numbered(string id, int number)
    {
        var call = Call(id, Models[number % Models.Length]);
        call["run_id"] = $"run-{number / 10}";
        call["customer_id"] = Customers[number % Customers.Length];
        call["section"] = $"agent:{Agents[number % Agents.Length]}";
        call["section_path"] = $"agent:{Agents[number % Agents.Length]}";
        call["input_tokens"] = 100 + (number % 977);
        call["output_tokens"] = number % 89;
        call["cost_usd"] = JsonNode.Parse($"{number % 13}.25e-6");
        return call;
    }

    /// <summary>A batch with ids of its own.</summary>
    public static JsonObject[] Batch(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => Numbered($"{prefix}-{i}", i))];
}
