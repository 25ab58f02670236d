using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Api.Events;

/// <summary>Turns a good draft into the event that the ledger keeps: canonical names, usage by kind, and what it costs.</summary>
/// <param name="book">One book for the whole request.</param>
/// <param name="own">What the account pays where it differs from the book.</param>
/// <param name="faults">Where a cost beyond all bounds is reported.</param>
/// <param name="receivedAt">One time for the whole request, also when it is sent to the ledger again.</param>
/// <param name="discount">Scales what the book says; 1 for none.</param>
internal sealed class EventPricing(PriceBook book, AccountPrices own, EventFaults faults, DateTimeOffset receivedAt, decimal discount)
{
    /// <summary>The event, or null with a fault.</summary>
    public LedgerEvent? Price(in EventDraft draft)
    {
        var usage = draft.Usage ?? Flat(draft);
        var provider = draft.Provider!;
        var model = Given(draft.Model);
        var status = Given(draft.Status) ?? EventStatus.Ok;
        var isError = EventStatus.IsError(status);
        var kind = SpanKinds.FromSpanType(draft.SpanType);
        var occurredAt = draft.OccurredAt ?? receivedAt;
        var price = book.Price(new PricedCall
        {
            Provider = provider,
            Model = model,
            Endpoint = draft.Endpoint,
            Kind = kind,
            Usage = usage,
            AudioSeconds = draft.AudioDurationSeconds,
            OccurredAt = occurredAt,
            Discount = discount,
            IsError = isError,
            IsStreaming = draft.IsStreaming,
            ClientCost = draft.ClientCost,
        }, own);
        if (price.Cost > EventLimits.MaxCost)
        {
            faults.Add("", FaultCodes.OutOfRange, $"would cost {price.Cost}; one call may cost at most {EventLimits.MaxCost}");
            return null;
        }

        var cacheWrites = usage.CacheWrite5mTokens + usage.CacheWrite1hTokens;
        var path = Given(draft.SectionPath) ?? draft.Section!;
        return new LedgerEvent
        {
            Id = draft.Id!,
            RunId = draft.RunId!,
            SpanId = draft.SpanId!,
            ParentSpanId = Given(draft.ParentSpanId),
            Section = draft.Section!,
            SectionPath = path,
            Agent = AgentName.FromSectionPath(path, draft.Section!),
            SpanType = draft.SpanType!,
            Kind = kind,
            Provider = book.Provider(provider),
            Endpoint = draft.Endpoint!,
            Model = model is null ? "" : book.Canonical(provider, model),
            ModelRaw = model,
            CustomerId = draft.CustomerId ?? "",
            InputTokens = usage.InputTokens - usage.CacheReadTokens - cacheWrites,
            OutputTokens = usage.OutputTokens,
            CachedTokens = usage.CacheReadTokens,
            CacheWriteTokens = cacheWrites,
            ReasoningTokens = usage.ReasoningTokens,
            UsageJson = draft.UsageJson,
            Cost = price.Cost,
            ClientCost = draft.ClientCost,
            Unpriced = price.Unpriced,
            PriceVersion = price.Version,
            PriceEntry = price.EntryId,
            Discount = price.Unpriced ? 1m : discount,
            LatencyMs = draft.LatencyMs,
            Status = status,
            IsError = isError,
            IsStreaming = draft.IsStreaming,
            StreamCancelled = draft.StreamCancelled,
            MetadataJson = draft.MetadataJson,
            SemanticLabel = Given(draft.SemanticLabel),
            VoiceCallId = Given(draft.VoiceCallId),
            AudioDurationSeconds = draft.AudioDurationSeconds,
            VoiceSegmentType = Given(draft.VoiceSegmentType),
            VoicePlatform = Given(draft.VoicePlatform),
            HoldId = Given(draft.HoldId),
            OccurredAt = occurredAt,
            ReceivedAt = receivedAt,
        };
    }

    /// <summary>The flat <c>input_tokens</c> leaves <c>cached_tokens</c> out; usage takes them in.</summary>
    private static Usage Flat(in EventDraft draft) => new()
    {
        InputTokens = draft.InputTokens + draft.CachedTokens,
        OutputTokens = draft.OutputTokens,
        CacheReadTokens = draft.CachedTokens,
    };

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
