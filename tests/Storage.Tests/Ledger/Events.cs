using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Events for tests.</summary>
internal static class Events
{
    /// <summary>A Friday noon.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static LedgerEvent Make(string id, long nanos = 1_000, DateTimeOffset? receivedAt = null, DateTimeOffset? occurredAt = null) => new()
    {
        Id = id,
        RunId = "run-1",
        SpanId = "span-" + id,
        Section = "agent:researcher",
        SectionPath = "agent:researcher/tool:web_search",
        Agent = "researcher",
        SpanType = "llm_call",
        Kind = SpanKind.Llm,
        Provider = "openai",
        Endpoint = "chat",
        Model = "gpt-4o",
        ModelRaw = "gpt-4o-2024-08-06",
        CustomerId = "acme",
        InputTokens = 10,
        OutputTokens = 5,
        Cost = new Usd(nanos),
        LatencyMs = 700,
        Status = "ok",
        OccurredAt = occurredAt ?? receivedAt ?? Now,
        ReceivedAt = receivedAt ?? Now,
    };

    public static LedgerAppend Append(AccountId account, LedgerHead head, params IEnumerable<LedgerEvent> events) =>
        Append(account, head, AccountZone.Utc, events);

    public static LedgerAppend Append(AccountId account, LedgerHead head, AccountZone zone, IEnumerable<LedgerEvent> events) =>
        new(account, head.Epoch, head.LastSeq, [.. events.Select(e => Row(e, zone))]);

    private static LedgerRow Row(LedgerEvent e, AccountZone zone)
    {
        var bucket = zone.BucketOf(e.OccurredAt);
        return new(e, bucket.Hour, bucket.Day);
    }
}
