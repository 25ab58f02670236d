using System.Collections.Frozen;

namespace LlmObserve.Domain.Events;

/// <summary>Groups the open <c>span_type</c> of events.</summary>
public static class SpanKinds
{
    /// <summary>Clients write <c>vector_db</c>, <c>vector_db_query</c>, <c>vector_db_upsert</c> and more.</summary>
    private const string VectorDbPrefix = "vector_db";

    private static readonly FrozenDictionary<string, SpanKind>.AlternateLookup<ReadOnlySpan<char>> Known =
        new Dictionary<string, SpanKind>(StringComparer.OrdinalIgnoreCase)
        {
            ["llm"] = SpanKind.Llm,
            ["llm_call"] = SpanKind.Llm,
            ["embedding"] = SpanKind.Llm,
            ["embedding_call"] = SpanKind.Llm,
            ["api"] = SpanKind.Api,
            ["api_call"] = SpanKind.Api,
            ["http"] = SpanKind.Api,
            ["http_fallback"] = SpanKind.Api,
            ["stt"] = SpanKind.Api,
            ["stt_call"] = SpanKind.Api,
            ["tts"] = SpanKind.Api,
            ["tts_call"] = SpanKind.Api,
            ["telephony"] = SpanKind.Api,
            ["telephony_call"] = SpanKind.Api,
            ["platform_fee"] = SpanKind.Api,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The group of a span type, whatever its case: <see cref="SpanKind.Other"/> for <c>section</c>, <c>agent</c>, <c>tool</c>,
    /// <c>other</c> and every word that is not known. Never allocates.
    /// </summary>
    public static SpanKind FromSpanType(ReadOnlySpan<char> spanType)
    {
        var word = spanType.Trim();
        return Known.TryGetValue(word, out var kind) ? kind
            : word.StartsWith(VectorDbPrefix, StringComparison.OrdinalIgnoreCase) ? SpanKind.VectorDb
            : SpanKind.Other;
    }
}
