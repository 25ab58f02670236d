using System.Text;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Domain.Tests.Prices;

/// <summary>A small book with figures of its own, so that the tests' sums stay right when the shipped book is made anew.</summary>
internal static class PriceFixture
{
    /// <summary>After every date in the book.</summary>
    public static readonly DateTimeOffset Now = new(2026, 9, 15, 12, 0, 0, TimeSpan.Zero);

    public const string Json = """
        {"format":"llmobserve-prices/1",
        "providers":[
        {"id":"anthropic","match":{"contains":"anthropic"},"models":{"contains":"claude"}},
        {"id":"openai","match":{"contains":"openai"},"models":[{"starts_with":"gpt-"},{"regex":"^o[134]"}]},
        {"id":"azure","aliases":["azure_openai"],"fallback":["openai","anthropic"]},
        {"id":"google","aliases":["gemini","vertex_ai"],"match":{"contains":"google"},"models":{"contains":"gemini"},"fallback":["anthropic"]},
        {"id":"x-ai","match":"xai","models":{"contains":"grok"}},
        {"id":"together","aliases":["together_ai"]},
        {"id":"deepseek","models":{"starts_with":"deepseek"}},
        {"id":"perplexity"},{"id":"pinecone"},{"id":"weaviate"},{"id":"deepgram"},{"id":"elevenlabs"},{"id":"twilio"},{"id":"stripe"},
        {"id":"stability"}
        ],
        "entries":[
        {"id":"anthropic/claude-sonnet","match":{"starts_with":"claude-sonnet"},"prices":{"input":{"usd":3,"tiers":[{"above":200000,"usd":6}]},"output":{"usd":15,"tiers":[{"above":200000,"usd":22.5}]},"cache_read":{"usd":0.3,"tiers":[{"above":200000,"usd":0.6}]},"cache_write_5m":{"usd":3.75,"tiers":[{"above":200000,"usd":7.5}]},"cache_write_1h":{"usd":6,"tiers":[{"above":200000,"usd":12}]},"web_searches":{"usd":10,"per":1000}},"source":"https://example.com/a","as_of":"2026-08-21"},
        {"id":"anthropic/claude-haiku","match":{"starts_with":"claude-haiku"},"prices":{"input":0.8,"output":4,"cache_write_5m":1},"source":"https://example.com/a","as_of":"2026-08-21"},
        {"id":"openai/gpt-4o","match":["gpt-4o","gpt-4o-2024-05-13","gpt-4o-2024-08-06"],"prices":{"input":2.5,"output":10,"cache_read":1.25},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/gpt-4o-mini","match":{"starts_with":"gpt-4o-mini"},"prices":{"input":0.15,"output":0.6,"cache_read":0.075},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/gpt-realtime","match":"gpt-realtime","prices":{"input":4,"output":16,"cache_read":0.4,"input_audio":32,"output_audio":64,"input_image":5,"output_image":40,"cache_audio_read":0.8,"cache_image_read":0.5},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/o3","match":["o3","o3-2025-04-16"],"prices":[{"rates":{"input":10,"output":40}},{"from":"2025-06-10","rates":{"input":2,"output":8}}],"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/gpt-old","match":"gpt-old","prices":[{"from":"2024-01-01","until":"2025-01-01","rates":{"input":1,"output":2}}],"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/embed","match":"text-embedding","prices":{"input":0.02},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/free","match":"gpt-free","prices":{"input":0,"output":0},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/whisper-1","match":"whisper-1","prices":{"seconds":{"usd":0.006,"per":60}},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"openai/web-search","endpoints":{"web_search":"web_searches"},"any_call":true,"prices":{"web_searches":{"usd":10,"per":1000}},"source":"https://example.com/o","as_of":"2026-08-21"},
        {"id":"azure/gpt-4","match":"gpt-4","prices":{"input":30,"output":60},"source":"https://example.com/z","as_of":"2026-08-21"},
        {"id":"google/gemini-flash","match":{"contains":"flash"},"prices":{"input":0.08333333333333334,"output":0.4},"source":"https://example.com/g","as_of":"2026-08-21"},
        {"id":"x-ai/grok-4","match":{"regex":"^grok-4(-\\d{4})?$"},"prices":{"input":3,"output":15,"reasoning":20},"source":"https://example.com/x","as_of":"2026-08-21"},
        {"id":"together/meta-llama/Llama-3","match":{"and":[{"starts_with":"meta-llama/"},{"ends_with":"-3"}]},"prices":{"input":0.88,"output":0.88},"source":"https://example.com/t","as_of":"2026-08-21"},
        {"id":"deepseek/deepseek-chat","match":"deepseek-chat","prices":[{"rates":{"input":0.135,"output":0.55,"cache_read":0.035}},{"daily":["00:30","16:30"],"rates":{"input":0.27,"output":1.1,"cache_read":0.07}}],"source":"https://example.com/d","as_of":"2026-08-21"},
        {"id":"deepseek/deepseek-night","match":"deepseek-night","prices":[{"rates":{"input":2,"output":2}},{"daily":["22:00","06:00"],"rates":{"input":1,"output":1}}],"source":"https://example.com/d","as_of":"2026-08-21"},
        {"id":"perplexity/sonar","match":"sonar","prices":{"input":1,"output":1,"requests":{"usd":12,"per":1000}},"source":"https://example.com/p","as_of":"2026-08-21"},
        {"id":"pinecone/standard","endpoints":{"query":"read_units","fetch":"read_units","upsert":"write_units"},"prices":{"read_units":{"usd":16,"per":1000000},"write_units":{"usd":4,"per":1000000}},"source":"https://example.com/i","as_of":"2026-08-21"},
        {"id":"pinecone/storage","endpoints":["storage"],"prices":{"gb":0.33},"source":"https://example.com/i","as_of":"2026-08-21"},
        {"id":"weaviate/operations","prices":{"operations":{"usd":0.25,"per":1000000}},"source":"https://example.com/w","as_of":"2026-08-21"},
        {"id":"deepgram/nova-3-streaming","model":"nova-3","match":{"starts_with":"nova-3"},"endpoints":["streaming","live"],"prices":{"seconds":{"usd":0.0077,"per":60}},"source":"https://example.com/d","as_of":"2026-08-21"},
        {"id":"deepgram/nova-3","match":{"starts_with":"nova-3"},"prices":{"seconds":{"usd":0.0043,"per":60}},"source":"https://example.com/d","as_of":"2026-08-21"},
        {"id":"elevenlabs/turbo","match":"turbo","prices":{"characters":{"usd":0.18,"per":1000}},"source":"https://example.com/e","as_of":"2026-08-21"},
        {"id":"twilio/sms","endpoints":{"sms":"requests"},"prices":{"requests":0.0075},"source":"https://example.com/s","as_of":"2026-08-21"},
        {"id":"stripe/payment","endpoints":["payment"],"prices":{"requests":0.3,"percent":2.9},"source":"https://example.com/s","as_of":"2026-08-21"},
        {"id":"stability/sd-3","match":"sd-3","per_call":"images","prices":{"images":0.065},"source":"https://example.com/y","as_of":"2026-08-21"}
        ]}
        """;

    public static PriceBook Book() => PriceBookJson.Read(Encoding.UTF8.GetBytes(Json), 7);

    public static PricedCall Call(
        string? provider, string? model, Usage usage, string endpoint = "chat", SpanKind kind = SpanKind.Llm) => new()
    {
        Provider = provider,
        Model = model,
        Endpoint = endpoint,
        Kind = kind,
        Usage = usage,
        OccurredAt = Now,
    };

    /// <summary>Dollars as a test writes them.</summary>
    public static Usd Dollars(string text) => Usd.Parse(text);
}
