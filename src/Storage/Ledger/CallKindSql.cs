using LlmObserve.Domain.Events;

namespace LlmObserve.Storage.Ledger;

/// <summary><see cref="CallKinds"/> in SQL, for rollups that are made from <c>events</c>.</summary>
internal static class CallKindSql
{
    /// <summary>The kind of event <c>e</c>. The endpoint's collation is "C": what is lower case there are the letters a to z.</summary>
    public static readonly string Text =
        $"""
        CASE
          WHEN e.span_kind <> {(short)SpanKind.VectorDb} THEN e.span_kind
          WHEN {Has(CallKinds.Writes)} THEN {(short)CallKind.VectorDbWrite}::smallint
          WHEN {Has(CallKinds.Reads)} THEN {(short)CallKind.VectorDbRead}::smallint
          ELSE e.span_kind
        END
        """;

    private static string Has(IEnumerable<string> words) =>
        $"lower(regexp_replace(e.endpoint, '([a-z])([A-Z])', '\\1 \\2', 'g')) ~ '(^|[^a-z])({string.Join('|', words)})'";
}
