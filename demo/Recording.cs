using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Demo;

/// <summary>A provider's answer to one call, kept in <c>recorded/NAME.json</c> with where it came from and how long it took.</summary>
/// <param name="Url">What was called.</param>
/// <param name="LatencyMs">How long the provider took, in milliseconds.</param>
/// <param name="Body">Its answer, as it sent it.</param>
internal sealed record Recording(Uri Url, int LatencyMs, JsonNode Body)
{
    public static Recording Load(string name)
    {
        using var stream = typeof(Recording).Assembly.GetManifestResourceStream($"recorded/{name}.json")
            ?? throw new InvalidOperationException($"There is no recorded answer '{name}'.");
        var json = JsonNode.Parse(stream)!;
        return new Recording(new Uri((string)json["url"]!), (int)json["latency_ms"]!, json["body"]!);
    }

    /// <summary>The model as the provider names it in its answer; null where it names none.</summary>
    public string? Model => (string?)Body["model"];

    public string Provider => Url.Host switch
    {
        "api.openai.com" => "openai",
        "api.anthropic.com" => "anthropic",
        _ => "pinecone",
    };

    /// <summary>What an SDK reports of this call.</summary>
    public JsonObject ToEvent(string runId, string customer, string agent, string? tool)
    {
        var section = tool is null ? $"agent:{agent}" : $"tool:{tool}";
        var report = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["run_id"] = runId,
            ["span_id"] = Guid.NewGuid().ToString(),
            ["parent_span_id"] = null,
            ["section"] = section,
            ["section_path"] = tool is null ? section : $"agent:{agent}/{section}",
            ["customer_id"] = customer,
            ["provider"] = Provider,
            ["model"] = Model,
            ["latency_ms"] = LatencyMs,
            ["status"] = "ok",
        };
        foreach (var (name, value) in Provider switch
        {
            "openai" => OpenAi(),
            "anthropic" => Anthropic(),
            _ => Pinecone(),
        })
        {
            report[name] = value?.DeepClone();
        }

        return report;
    }

    // "usage":{"prompt_tokens":1874,"completion_tokens":312,"prompt_tokens_details":{"cached_tokens":1024}}
    private JsonObject OpenAi()
    {
        var usage = Body["usage"]!;
        var cached = (int?)usage["prompt_tokens_details"]?["cached_tokens"] ?? 0;
        var embeds = Url.AbsolutePath.EndsWith("/embeddings", StringComparison.Ordinal);
        return new JsonObject
        {
            ["span_type"] = embeds ? "embedding_call" : "llm",
            ["endpoint"] = embeds ? "embeddings" : "chat",
            // The flat figure leaves out what came from the cache.
            ["input_tokens"] = (int)usage["prompt_tokens"]! - cached,
            ["cached_tokens"] = cached,
            ["output_tokens"] = (int?)usage["completion_tokens"] ?? 0,
        };
    }

    // "usage":{"input_tokens":388,"cache_creation_input_tokens":1450,"cache_read_input_tokens":6120,"output_tokens":704}
    private JsonObject Anthropic()
    {
        var usage = Body["usage"]!;
        var input = (int)usage["input_tokens"]!;
        var read = (int?)usage["cache_read_input_tokens"] ?? 0;
        var written = (int?)usage["cache_creation_input_tokens"] ?? 0;
        return new JsonObject
        {
            ["span_type"] = "llm",
            ["endpoint"] = "messages",
            // Writing to the cache has a price of its own, which only the exact usage can say.
            ["usage"] = new JsonObject
            {
                ["input_tokens"] = input + read + written,
                ["cache_read_tokens"] = read,
                ["cache_write_5m_tokens"] = written,
                ["output_tokens"] = (int)usage["output_tokens"]!,
            },
        };
    }

    // "usage":{"readUnits":6}, or "upsertedCount":40
    private JsonObject Pinecone()
    {
        var reads = (int?)Body["usage"]?["readUnits"];
        return new JsonObject
        {
            ["span_type"] = reads is null ? "vector_db_upsert" : "vector_db_query",
            ["endpoint"] = reads is null ? "upsert" : "query",
            ["usage"] = reads is null
                ? new JsonObject { ["write_units"] = (int)Body["upsertedCount"]! }
                : new JsonObject { ["read_units"] = reads },
        };
    }
}
