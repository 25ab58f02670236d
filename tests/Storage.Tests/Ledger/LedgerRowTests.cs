using System.Globalization;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Each value of an event reaches its own column, whichever of them travel.</summary>
public sealed class LedgerRowTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly LedgerEvent s_full = Events.Make("full") with
    {
        RunId = "run",
        SpanId = "span",
        ParentSpanId = "parent",
        Section = "section",
        SectionPath = "section/path",
        Agent = "agent",
        SpanType = "span type",
        Kind = SpanKind.VectorDb,
        Provider = "provider",
        Endpoint = "endpoint",
        Model = "model",
        ModelRaw = "model raw",
        CustomerId = "customer",
        InputTokens = 1,
        OutputTokens = 2,
        CachedTokens = 3,
        CacheWriteTokens = 4,
        ReasoningTokens = 5,
        UsageJson = """{"usage":1}""",
        Cost = new Usd(6),
        ClientCost = new Usd(7),
        Unpriced = true,
        PriceVersion = 8,
        PriceEntry = "provider/model",
        Discount = 0.5m,
        LatencyMs = 9,
        Status = "cancelled",
        IsError = true,
        IsStreaming = true,
        StreamCancelled = true,
        MetadataJson = """{"ü":"✓ 𝄞"}""",
        SemanticLabel = "label",
        VoiceCallId = "call",
        AudioDurationSeconds = 12.125m,
        VoiceSegmentType = "segment",
        VoicePlatform = "platform",
        HoldId = "hold",
        OccurredAt = Events.Now.AddTicks(-TimeSpan.TicksPerMillisecond),
    };

    [Fact]
    public async Task Append_EveryFieldSet_IsStoredAsIs()
    {
        var account = await AppendAsync(s_full);

        Assert.Equal(Expected(account, 1, s_full), await StoredAsync(account, "full"));
    }

    [Fact]
    public async Task Append_UsualValuesBesideOthers_AreStoredAsIs()
    {
        var plain = Events.Make("plain");

        var account = await AppendAsync(plain, s_full, plain with { Id = "plain too" });

        Assert.Equal(Expected(account, 1, plain), await StoredAsync(account, "plain"));
        Assert.Equal(Expected(account, 2, s_full), await StoredAsync(account, "full"));
        Assert.Equal(Expected(account, 3, plain with { Id = "plain too" }), await StoredAsync(account, "plain too"));
    }

    [Fact]
    public async Task Append_UsualValuesOnly_AreStoredAsIs()
    {
        var plain = Events.Make("plain");

        var account = await AppendAsync(plain);

        Assert.Equal(Expected(account, 1, plain), await StoredAsync(account, "plain"));
        await LedgerCheck.AssertCountedAsync(database, account);
    }

    private async Task<AccountId> AppendAsync(params LedgerEvent[] events)
    {
        await using var writer = database.CreateWriter();
        var account = AccountId.New();
        var head = await database.TakeEpochAsync(account);
        var result = await writer.AppendAsync(Events.Append(account, head, events), default);
        Assert.Equal(AppendOutcome.Committed, result.Outcome);
        return account;
    }

    /// <summary>The columns of <c>sql/0005_ledger.sql</c> and <c>sql/0103_holds.sql</c>, in their order, as text.</summary>
    private static string?[] Expected(AccountId account, long seq, LedgerEvent e) =>
    [
        account.Value.ToString(), Text(seq), Text(e.ReceivedAt), Text(e.OccurredAt), Text(e.Cost.Nanos), Text(e.ClientCost.Nanos),
        Text(e.InputTokens), Text(e.OutputTokens), Text(e.CachedTokens), Text(e.CacheWriteTokens), Text(e.ReasoningTokens),
        Text(e.LatencyMs), Text(e.PriceVersion), Text((int)e.Kind), Text(e.IsError), Text(e.Unpriced), Text(e.IsStreaming),
        Text(e.StreamCancelled), e.Id, e.RunId, e.SpanId, e.ParentSpanId, e.Section, e.SectionPath, e.Agent, e.SpanType, e.Provider,
        e.Endpoint, e.Model, e.ModelRaw, e.CustomerId, e.Status, e.PriceEntry, Text(e.Discount), e.SemanticLabel, e.VoiceCallId,
        e.AudioDurationSeconds is { } seconds ? Text(seconds) : null, e.VoiceSegmentType, e.VoicePlatform, e.HoldId, e.UsageJson, e.MetadataJson,
        null, null, Text(false),
    ];

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private Task<string?[]> StoredAsync(AccountId account, string id) => database.ScalarAsync<string?[]>(
        $"""
        SELECT (SELECT array_agg(CASE column_name
            WHEN 'received_at' THEN to_char(e.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
            WHEN 'occurred_at' THEN to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
            ELSE to_jsonb(e) ->> column_name END ORDER BY ordinal_position)
          FROM information_schema.columns WHERE table_name = 'events')
        FROM events e WHERE account_id = '{account.Value}' AND id = '{id}'
        """);
}
