using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using Column = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Domain.Events.LedgerEvent>;

namespace LlmObserve.Storage.Ledger;

/// <summary>The columns of <c>events</c> that come from the event itself; the statement adds <c>account_id</c> and <c>seq</c>.</summary>
internal static class EventColumns
{
    /// <summary>The id goes first: the statement reads it on its own, too.</summary>
    public static readonly ArrayColumn<LedgerEvent> Id = Column.Text("id", e => e.Id);

    public static readonly ImmutableArray<ArrayColumn<LedgerEvent>> Others =
    [
        Column.Instant("received_at", e => e.ReceivedAt),
        Column.Instant("occurred_at", e => e.OccurredAt),
        Column.Bigint("cost_nanos", e => e.Cost.Nanos),
        Column.Bigint("client_cost_nanos", e => e.ClientCost.Nanos),
        Column.Bigint("input_tokens", e => e.InputTokens),
        Column.Bigint("output_tokens", e => e.OutputTokens),
        Column.Bigint("cached_tokens", e => e.CachedTokens),
        Column.Bigint("cache_write_tokens", e => e.CacheWriteTokens),
        Column.Bigint("reasoning_tokens", e => e.ReasoningTokens),
        Column.Integer("latency_ms", e => e.LatencyMs),
        Column.Integer("price_version", e => e.PriceVersion),
        Column.Smallint("span_kind", e => (short)e.Kind),
        Column.Boolean("is_error", e => e.IsError),
        Column.Boolean("unpriced", e => e.Unpriced),
        Column.Boolean("is_streaming", e => e.IsStreaming),
        Column.Boolean("stream_cancelled", e => e.StreamCancelled),
        Column.Text("run_id", e => e.RunId),
        Column.Text("span_id", e => e.SpanId),
        Column.Text("parent_span_id", e => e.ParentSpanId),
        Column.Text("section", e => e.Section),
        Column.Text("section_path", e => e.SectionPath),
        Column.Text("agent", e => e.Agent),
        Column.Text("span_type", e => e.SpanType),
        Column.Text("provider", e => e.Provider),
        Column.Text("endpoint", e => e.Endpoint),
        Column.Text("model", e => e.Model),
        Column.Text("model_raw", e => e.ModelRaw),
        Column.Text("customer_id", e => e.CustomerId),
        Column.Text("status", e => e.Status),
        Column.Text("price_entry", e => e.PriceEntry),
        Column.Numeric("discount", e => e.Discount),
        Column.Text("semantic_label", e => e.SemanticLabel),
        Column.Text("voice_call_id", e => e.VoiceCallId),
        Column.Numeric("audio_duration_seconds", e => e.AudioDurationSeconds),
        Column.Text("voice_segment_type", e => e.VoiceSegmentType),
        Column.Text("voice_platform", e => e.VoicePlatform),
        Column.Text("hold_id", e => e.HoldId),
        Column.Text("usage_json", e => e.UsageJson),
        Column.Text("metadata_json", e => e.MetadataJson),
    ];
}
