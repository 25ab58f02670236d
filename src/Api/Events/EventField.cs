namespace LlmObserve.Api.Events;

/// <summary>The fields of an event that are read.</summary>
internal enum EventField
{
    Unknown,
    Id,
    RunId,
    SpanId,
    ParentSpanId,
    Section,
    SectionPath,
    SpanType,
    Provider,
    Endpoint,
    Model,
    CustomerId,
    InputTokens,
    OutputTokens,
    CachedTokens,
    CostUsd,
    LatencyMs,
    Status,
    IsStreaming,
    StreamCancelled,
    EventMetadata,
    SemanticLabel,
    VoiceCallId,
    AudioDurationSeconds,
    VoiceSegmentType,
    VoicePlatform,
    OccurredAt,
    HoldId,
    Usage,
}

/// <summary>Names of fields on the wire.</summary>
internal static class EventFields
{
    /// <summary>The longest name is <c>audio_duration_seconds</c>.</summary>
    public const int MaxNameLength = 22;

    private static readonly EventField[] s_required =
    [
        EventField.Id,
        EventField.RunId,
        EventField.SpanId,
        EventField.Section,
        EventField.SpanType,
        EventField.Provider,
        EventField.Endpoint,
    ];

    private static readonly string[] s_names =
        [.. Enum.GetNames<EventField>().Select(name => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name))];

    /// <summary>Fields without which an event means nothing.</summary>
    public static ReadOnlySpan<EventField> Required => s_required;

    public static string Name(this EventField field) => s_names[(int)field];

    /// <summary>The field of a name. <c>tenant_id</c> is unknown on purpose: the account comes from the key.</summary>
    public static EventField Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => name.SequenceEqual("id"u8) ? EventField.Id : EventField.Unknown,
        5 => name.SequenceEqual("model"u8) ? EventField.Model
            : name.SequenceEqual("usage"u8) ? EventField.Usage : EventField.Unknown,
        6 => name.SequenceEqual("run_id"u8) ? EventField.RunId
            : name.SequenceEqual("status"u8) ? EventField.Status : EventField.Unknown,
        7 => name.SequenceEqual("span_id"u8) ? EventField.SpanId
            : name.SequenceEqual("section"u8) ? EventField.Section
            : name.SequenceEqual("hold_id"u8) ? EventField.HoldId : EventField.Unknown,
        8 => name.SequenceEqual("provider"u8) ? EventField.Provider
            : name.SequenceEqual("endpoint"u8) ? EventField.Endpoint
            : name.SequenceEqual("cost_usd"u8) ? EventField.CostUsd : EventField.Unknown,
        9 => name.SequenceEqual("span_type"u8) ? EventField.SpanType : EventField.Unknown,
        10 => name.SequenceEqual("latency_ms"u8) ? EventField.LatencyMs : EventField.Unknown,
        11 => name.SequenceEqual("customer_id"u8) ? EventField.CustomerId
            : name.SequenceEqual("occurred_at"u8) ? EventField.OccurredAt : EventField.Unknown,
        12 => name.SequenceEqual("section_path"u8) ? EventField.SectionPath
            : name.SequenceEqual("input_tokens"u8) ? EventField.InputTokens
            : name.SequenceEqual("is_streaming"u8) ? EventField.IsStreaming : EventField.Unknown,
        13 => name.SequenceEqual("output_tokens"u8) ? EventField.OutputTokens
            : name.SequenceEqual("cached_tokens"u8) ? EventField.CachedTokens
            : name.SequenceEqual("voice_call_id"u8) ? EventField.VoiceCallId : EventField.Unknown,
        14 => name.SequenceEqual("parent_span_id"u8) ? EventField.ParentSpanId
            : name.SequenceEqual("event_metadata"u8) ? EventField.EventMetadata
            : name.SequenceEqual("semantic_label"u8) ? EventField.SemanticLabel
            : name.SequenceEqual("voice_platform"u8) ? EventField.VoicePlatform : EventField.Unknown,
        16 => name.SequenceEqual("stream_cancelled"u8) ? EventField.StreamCancelled : EventField.Unknown,
        18 => name.SequenceEqual("voice_segment_type"u8) ? EventField.VoiceSegmentType : EventField.Unknown,
        MaxNameLength => name.SequenceEqual("audio_duration_seconds"u8) ? EventField.AudioDurationSeconds : EventField.Unknown,
        _ => EventField.Unknown,
    };
}
