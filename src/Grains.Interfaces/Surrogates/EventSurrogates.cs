using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Surrogates;

/// <summary><see cref="LedgerEvent"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.ledger-event")]
internal struct LedgerEventSurrogate
{
    [Id(0)]
    public string Id;

    [Id(1)]
    public string RunId;

    [Id(2)]
    public string SpanId;

    [Id(3)]
    public string? ParentSpanId;

    [Id(4)]
    public string Section;

    [Id(5)]
    public string SectionPath;

    [Id(6)]
    public string Agent;

    [Id(7)]
    public string SpanType;

    [Id(8)]
    public SpanKind Kind;

    [Id(9)]
    public string Provider;

    [Id(10)]
    public string Endpoint;

    [Id(11)]
    public string Model;

    [Id(12)]
    public string? ModelRaw;

    [Id(13)]
    public string CustomerId;

    [Id(14)]
    public long InputTokens;

    [Id(15)]
    public long OutputTokens;

    [Id(16)]
    public long CachedTokens;

    [Id(17)]
    public long CacheWriteTokens;

    [Id(18)]
    public long ReasoningTokens;

    [Id(19)]
    public string? UsageJson;

    [Id(20)]
    public Usd Cost;

    [Id(21)]
    public Usd ClientCost;

    [Id(22)]
    public bool Unpriced;

    [Id(23)]
    public int PriceVersion;

    [Id(24)]
    public string? PriceEntry;

    [Id(25)]
    public decimal Discount;

    [Id(26)]
    public int LatencyMs;

    [Id(27)]
    public string Status;

    [Id(28)]
    public bool IsError;

    [Id(29)]
    public bool IsStreaming;

    [Id(30)]
    public bool StreamCancelled;

    [Id(31)]
    public string? MetadataJson;

    [Id(32)]
    public string? SemanticLabel;

    [Id(33)]
    public string? VoiceCallId;

    [Id(34)]
    public decimal? AudioDurationSeconds;

    [Id(35)]
    public string? VoiceSegmentType;

    [Id(36)]
    public string? VoicePlatform;

    [Id(37)]
    public string? HoldId;

    [Id(38)]
    public DateTimeOffset OccurredAt;

    [Id(39)]
    public DateTimeOffset ReceivedAt;
}

[RegisterConverter]
internal sealed class LedgerEventConverter : IConverter<LedgerEvent, LedgerEventSurrogate>
{
    public LedgerEvent ConvertFromSurrogate(in LedgerEventSurrogate surrogate) => new()
    {
        Id = surrogate.Id,
        RunId = surrogate.RunId,
        SpanId = surrogate.SpanId,
        ParentSpanId = surrogate.ParentSpanId,
        Section = surrogate.Section,
        SectionPath = surrogate.SectionPath,
        Agent = surrogate.Agent,
        SpanType = surrogate.SpanType,
        Kind = surrogate.Kind,
        Provider = surrogate.Provider,
        Endpoint = surrogate.Endpoint,
        Model = surrogate.Model,
        ModelRaw = surrogate.ModelRaw,
        CustomerId = surrogate.CustomerId,
        InputTokens = surrogate.InputTokens,
        OutputTokens = surrogate.OutputTokens,
        CachedTokens = surrogate.CachedTokens,
        CacheWriteTokens = surrogate.CacheWriteTokens,
        ReasoningTokens = surrogate.ReasoningTokens,
        UsageJson = surrogate.UsageJson,
        Cost = surrogate.Cost,
        ClientCost = surrogate.ClientCost,
        Unpriced = surrogate.Unpriced,
        PriceVersion = surrogate.PriceVersion,
        PriceEntry = surrogate.PriceEntry,
        Discount = surrogate.Discount,
        LatencyMs = surrogate.LatencyMs,
        Status = surrogate.Status,
        IsError = surrogate.IsError,
        IsStreaming = surrogate.IsStreaming,
        StreamCancelled = surrogate.StreamCancelled,
        MetadataJson = surrogate.MetadataJson,
        SemanticLabel = surrogate.SemanticLabel,
        VoiceCallId = surrogate.VoiceCallId,
        AudioDurationSeconds = surrogate.AudioDurationSeconds,
        VoiceSegmentType = surrogate.VoiceSegmentType,
        VoicePlatform = surrogate.VoicePlatform,
        HoldId = surrogate.HoldId,
        OccurredAt = surrogate.OccurredAt,
        ReceivedAt = surrogate.ReceivedAt,
    };

    public LedgerEventSurrogate ConvertToSurrogate(in LedgerEvent value) => new()
    {
        Id = value.Id,
        RunId = value.RunId,
        SpanId = value.SpanId,
        ParentSpanId = value.ParentSpanId,
        Section = value.Section,
        SectionPath = value.SectionPath,
        Agent = value.Agent,
        SpanType = value.SpanType,
        Kind = value.Kind,
        Provider = value.Provider,
        Endpoint = value.Endpoint,
        Model = value.Model,
        ModelRaw = value.ModelRaw,
        CustomerId = value.CustomerId,
        InputTokens = value.InputTokens,
        OutputTokens = value.OutputTokens,
        CachedTokens = value.CachedTokens,
        CacheWriteTokens = value.CacheWriteTokens,
        ReasoningTokens = value.ReasoningTokens,
        UsageJson = value.UsageJson,
        Cost = value.Cost,
        ClientCost = value.ClientCost,
        Unpriced = value.Unpriced,
        PriceVersion = value.PriceVersion,
        PriceEntry = value.PriceEntry,
        Discount = value.Discount,
        LatencyMs = value.LatencyMs,
        Status = value.Status,
        IsError = value.IsError,
        IsStreaming = value.IsStreaming,
        StreamCancelled = value.StreamCancelled,
        MetadataJson = value.MetadataJson,
        SemanticLabel = value.SemanticLabel,
        VoiceCallId = value.VoiceCallId,
        AudioDurationSeconds = value.AudioDurationSeconds,
        VoiceSegmentType = value.VoiceSegmentType,
        VoicePlatform = value.VoicePlatform,
        HoldId = value.HoldId,
        OccurredAt = value.OccurredAt,
        ReceivedAt = value.ReceivedAt,
    };
}
