using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Events;

/// <summary>The fields of one event as they were read; null and zero where the client said nothing.</summary>
internal struct EventDraft
{
    /// <summary>Fields that were there and not null, good or bad.</summary>
    public ulong Given;

    public string? Id;
    public string? RunId;
    public string? SpanId;
    public string? ParentSpanId;
    public string? Section;
    public string? SectionPath;
    public string? SpanType;
    public string? Provider;
    public string? Endpoint;
    public string? Model;
    public string? CustomerId;
    public long InputTokens;
    public long OutputTokens;
    public long CachedTokens;
    public Usd ClientCost;
    public int LatencyMs;
    public string? Status;
    public bool IsStreaming;
    public bool StreamCancelled;
    public string? MetadataJson;

    /// <summary>The HTTP status of the call in its metadata; 0 where it states none.</summary>
    public int HttpStatus;

    public string? SemanticLabel;
    public string? VoiceCallId;
    public decimal? AudioDurationSeconds;
    public string? VoiceSegmentType;
    public string? VoicePlatform;
    public DateTimeOffset? OccurredAt;
    public string? HoldId;
    public Usage? Usage;
    public string? UsageJson;

    /// <summary>A call that the provider did not charge: it refused for the rate, or failed itself.</summary>
    public readonly bool IsFiltered => HttpStatus is 429 or (>= 500 and <= 599);

    public readonly bool Has(EventField field) => (Given & (1UL << (int)field)) != 0;
}
