using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Events;

/// <summary>
/// One validated, normalised and priced event, as the ledger stores it. Immutable: it crosses grain boundaries.
/// Strings hold no NUL, no control characters and no lone surrogates.
/// </summary>
public sealed record LedgerEvent
{
    /// <summary>The client's idempotency key, unique in the account within the dedup window.</summary>
    public required string Id { get; init; }

    public required string RunId { get; init; }

    public required string SpanId { get; init; }

    public string? ParentSpanId { get; init; }

    public required string Section { get; init; }

    public required string SectionPath { get; init; }

    /// <summary>Canonical agent; empty where there is none.</summary>
    public required string Agent { get; init; }

    /// <summary>As the client sent it.</summary>
    public required string SpanType { get; init; }

    public required SpanKind Kind { get; init; }

    /// <summary>Canonical provider (lower case).</summary>
    public required string Provider { get; init; }

    public required string Endpoint { get; init; }

    /// <summary>Canonical model: the price-book entry's id, or the raw name where none matches; empty where the event has none.</summary>
    public required string Model { get; init; }

    /// <summary>As the provider named it; null where the event has none.</summary>
    public string? ModelRaw { get; init; }

    /// <summary>The account's own end customer; empty where there is none.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Input tokens without cache reads and cache writes.</summary>
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    /// <summary>Input tokens read from a cache.</summary>
    public long CachedTokens { get; init; }

    public long CacheWriteTokens { get; init; }

    /// <summary>Part of <see cref="OutputTokens"/>.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>The exact <c>usage</c> object as JSON where the client sent one.</summary>
    public string? UsageJson { get; init; }

    /// <summary>What the call cost: the server's figure where the book knows it, else the client's.</summary>
    public required Usd Cost { get; init; }

    /// <summary>The client's own guess.</summary>
    public Usd ClientCost { get; init; }

    /// <summary>The book could not price it: <see cref="Cost"/> is the client's figure.</summary>
    public bool Unpriced { get; init; }

    /// <summary>Version of the price book that was asked; 0 before any.</summary>
    public int PriceVersion { get; init; }

    /// <summary>Id of the price entry that priced it (<c>provider/model</c>), or null.</summary>
    public string? PriceEntry { get; init; }

    /// <summary>The batch discount that scaled the cost, 1 where there was none.</summary>
    public decimal Discount { get; init; } = 1m;

    /// <summary>Whole milliseconds.</summary>
    public int LatencyMs { get; init; }

    /// <summary>As the client sent it.</summary>
    public required string Status { get; init; }

    public bool IsError { get; init; }

    public bool IsStreaming { get; init; }

    public bool StreamCancelled { get; init; }

    /// <summary>JSON object, at most 16 KiB.</summary>
    public string? MetadataJson { get; init; }

    public string? SemanticLabel { get; init; }

    public string? VoiceCallId { get; init; }

    public decimal? AudioDurationSeconds { get; init; }

    public string? VoiceSegmentType { get; init; }

    public string? VoicePlatform { get; init; }

    public string? HoldId { get; init; }

    /// <summary>When the call ended; the period that it counts in.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When this server first received it; the week of the ledger that it lives in.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What decides which caps it counts in.</summary>
    public CallLabels Labels => new(Provider, Model, Agent, CustomerId);
}
