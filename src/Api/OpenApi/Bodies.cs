using System.Text.Json.Serialization;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.OpenApi;

// The shapes of bodies that are read field by field, for the description alone. What is not required may be left out.

/// <summary>One call that the user's program made. Unknown fields are ignored.</summary>
internal sealed record EventBody
{
    /// <summary>Unique in the account: an id that was counted before is skipped.</summary>
    public required string Id { get; init; }

    /// <summary>Groups the calls of one request of the program.</summary>
    public required string RunId { get; init; }

    public required string SpanId { get; init; }

    public string? ParentSpanId { get; init; }

    /// <summary>agent:NAME, tool:NAME, step:NAME or any text.</summary>
    public required string Section { get; init; }

    /// <summary>The whole path, as in agent:researcher/tool:web_search; the section where it is left out.</summary>
    public string? SectionPath { get; init; }

    /// <summary>Any word of up to 64 characters: llm_call, vector_db_call, api, section and others.</summary>
    public required string SpanType { get; init; }

    /// <summary>openai, anthropic, pinecone and others.</summary>
    public required string Provider { get; init; }

    /// <summary>chat, embeddings, query and others.</summary>
    public required string Endpoint { get; init; }

    /// <summary>As the provider named it in its response.</summary>
    public string? Model { get; init; }

    /// <summary>Ignored: the account is that of the key.</summary>
    public string? TenantId { get; init; }

    /// <summary>The account's own end customer.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Without cached_tokens.</summary>
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>Input tokens read from a cache.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>The client's own guess: kept where no price is known.</summary>
    public Usd? CostUsd { get; init; }

    public decimal? LatencyMs { get; init; }

    /// <summary>ok; anything else is an error.</summary>
    public string? Status { get; init; }

    public bool? IsStreaming { get; init; }

    public bool? StreamCancelled { get; init; }

    /// <summary>Any object of up to 16 KiB. An http_status of 429 or 5xx marks a call that the provider did not charge: it is filtered.</summary>
    public IReadOnlyDictionary<string, object?>? EventMetadata { get; init; }

    public string? SemanticLabel { get; init; }

    public string? VoiceCallId { get; init; }

    public decimal? AudioDurationSeconds { get; init; }

    public string? VoiceSegmentType { get; init; }

    public string? VoicePlatform { get; init; }

    /// <summary>When the call ended: from seven days ago to five minutes ahead; now where it is left out.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>The hold that this call settles.</summary>
    public string? HoldId { get; init; }

    /// <summary>Exact usage by kind; wins over the token fields.</summary>
    public UsageBody? Usage { get; init; }
}

/// <summary>What a call used, by kind.</summary>
internal sealed record UsageBody
{
    /// <summary>With cache and audio.</summary>
    public long? InputTokens { get; init; }

    /// <summary>With reasoning.</summary>
    public long? OutputTokens { get; init; }

    public long? CacheReadTokens { get; init; }

    [JsonPropertyName("cache_write_5m_tokens")]
    public long? CacheWrite5mTokens { get; init; }

    [JsonPropertyName("cache_write_1h_tokens")]
    public long? CacheWrite1hTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? InputAudioTokens { get; init; }

    public long? OutputAudioTokens { get; init; }

    public long? InputImageTokens { get; init; }

    public long? OutputImageTokens { get; init; }

    public long? Requests { get; init; }

    public long? WebSearches { get; init; }

    public long? ReadUnits { get; init; }

    public long? WriteUnits { get; init; }

    public long? Characters { get; init; }

    public decimal? Seconds { get; init; }

    public long? Images { get; init; }

    public decimal? Gb { get; init; }
}

/// <summary>A new cap. Unknown fields are ignored.</summary>
internal record NewCapBody
{
    /// <summary>global, provider, model, agent or customer.</summary>
    public required string CapType { get; init; }

    /// <summary>Needed unless global. Models and agents may be named as calls name them.</summary>
    public string? TargetName { get; init; }

    /// <summary>Narrows a customer cap: provider or model.</summary>
    public string? SubScope { get; init; }

    /// <summary>Needed with sub_scope.</summary>
    public string? SubTarget { get; init; }

    /// <summary>Above zero, at most nine decimals.</summary>
    public required Usd LimitAmount { get; init; }

    /// <summary>daily, weekly or monthly.</summary>
    public required string Period { get; init; }

    /// <summary>alert, which is the default, or hard_block.</summary>
    public string? Enforcement { get; init; }

    /// <summary>The fraction of the limit at which to alert, 0.8 where it is left out.</summary>
    public decimal? AlertThreshold { get; init; }

    public string? AlertEmail { get; init; }
}

/// <summary>A cap that is not made. Unknown fields are ignored.</summary>
internal sealed record CapPreviewBody : NewCapBody
{
    /// <summary>How many days to look back, from 1 to 92, 30 where it is left out; the period that the first of them is in counts whole.</summary>
    public int? Days { get; init; }
}

/// <summary>What an account says of one of its own customers. What is left out is taken away.</summary>
internal sealed record CustomerBody
{
    /// <summary>Up to 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What the customer pays the account each month; at most nine decimals.</summary>
    public Usd? MonthlyPriceUsd { get; init; }
}

/// <summary>What to change in a cap. What is left out stays.</summary>
internal sealed record CapChangeBody
{
    /// <summary>Above zero, at most nine decimals.</summary>
    public Usd? LimitAmount { get; init; }

    /// <summary>The fraction of the limit at which to alert.</summary>
    public decimal? AlertThreshold { get; init; }

    /// <summary>Null takes it away.</summary>
    public string? AlertEmail { get; init; }

    /// <summary>alert or hard_block.</summary>
    public string? Enforcement { get; init; }

    public bool? Enabled { get; init; }
}
