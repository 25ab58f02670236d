using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using Column = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Domain.Events.LedgerEvent>;
using HoldColumn = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.SettledHold?>;

namespace LlmObserve.Storage.Ledger;

/// <summary>The columns of <c>events</c>; the statement adds <c>account_id</c> and <c>seq</c>.</summary>
internal static class EventColumns
{
    /// <summary>The id goes first: the statement reads it on its own, too.</summary>
    public static readonly ArrayColumn<LedgerEvent> Id = Column.Text("id", e => e.Id);

    /// <summary>The others that come from the event itself.</summary>
    public static readonly ImmutableArray<ArrayColumn<LedgerEvent>> Others =
    [
        Column.Instant("received_at", e => e.ReceivedAt),
        Column.Instant("occurred_at", e => e.OccurredAt),
        Column.Bigint("cost_nanos", e => e.Cost.Nanos),
        Column.BigintOrZero("client_cost_nanos", e => e.ClientCost.Nanos),
        Column.Bigint("input_tokens", e => e.InputTokens),
        Column.Bigint("output_tokens", e => e.OutputTokens),
        Column.BigintOrZero("cached_tokens", e => e.CachedTokens),
        Column.BigintOrZero("cache_write_tokens", e => e.CacheWriteTokens),
        Column.BigintOrZero("reasoning_tokens", e => e.ReasoningTokens),
        Column.Integer("latency_ms", e => e.LatencyMs),
        Column.Integer("price_version", e => e.PriceVersion),
        Column.Smallint("span_kind", e => (short)e.Kind),
        Column.BooleanOrFalse("is_error", e => e.IsError),
        Column.BooleanOrFalse("unpriced", e => e.Unpriced),
        Column.BooleanOrFalse("is_streaming", e => e.IsStreaming),
        Column.BooleanOrFalse("stream_cancelled", e => e.StreamCancelled),
        Column.Text("run_id", e => e.RunId),
        Column.Text("span_id", e => e.SpanId),
        Column.TextOrNull("parent_span_id", e => e.ParentSpanId),
        Column.Text("section", e => e.Section),
        Column.Text("section_path", e => e.SectionPath),
        Column.Text("agent", e => e.Agent),
        Column.Text("span_type", e => e.SpanType),
        Column.Text("provider", e => e.Provider),
        Column.Text("endpoint", e => e.Endpoint),
        Column.Text("model", e => e.Model),
        Column.TextOrNull("model_raw", e => e.ModelRaw),
        Column.Text("customer_id", e => e.CustomerId),
        Column.Text("status", e => e.Status),
        Column.TextOrNull("price_entry", e => e.PriceEntry),
        Column.NumericOrOne("discount", e => e.Discount),
        Column.TextOrNull("semantic_label", e => e.SemanticLabel),
        Column.TextOrNull("voice_call_id", e => e.VoiceCallId),
        Column.NumericOrNull("audio_duration_seconds", e => e.AudioDurationSeconds),
        Column.TextOrNull("voice_segment_type", e => e.VoiceSegmentType),
        Column.TextOrNull("voice_platform", e => e.VoicePlatform),
        Column.TextOrNull("hold_id", e => e.HoldId),
        Column.TextOrNull("usage_json", e => e.UsageJson),
        Column.TextOrNull("metadata_json", e => e.MetadataJson),
    ];

    /// <summary>What the event did to the hold that it names; most name none.</summary>
    public static readonly ImmutableArray<ArrayColumn<SettledHold?>> Hold =
    [
        HoldColumn.TextOrNull("hold_outcome", hold => hold?.Outcome.ToWire()),
        HoldColumn.BigintOrNull("held_nanos", hold => hold?.Held?.Nanos),
        HoldColumn.BooleanOrFalse("hold_mismatch", hold => hold is { LabelMismatch: true }),
    ];
}
