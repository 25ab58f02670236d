using System.Collections.Immutable;
using System.Text;

namespace LlmObserve.Domain.Events;

/// <summary>
/// Finds what a call to a vector DB does by its open <c>endpoint</c>. Raw samples: <c>query</c>, <c>index.upsert</c>, <c>batch_upsert</c>,
/// <c>/points/search</c>, <c>listCollections</c>, <c>delete_by_query</c>.
/// <para>
/// A word of the endpoint counts by how it begins, whatever its case. Words are of the letters a to z; they end where another character
/// stands, or a capital after a small letter. One that writes decides over all that read.
/// </para>
/// </summary>
public static class CallKinds
{
    /// <summary>How words begin that say that nothing is changed; lower case.</summary>
    public static readonly ImmutableArray<string> Reads =
    [
        "quer", "fetch", "search", "get", "list", "describe", "count", "scroll", "retrieve", "recommend", "discover", "find", "read", "scan", "select",
        "lookup", "near", "similar", "stat", "exist",
    ];

    /// <summary>How words begin that say that something is changed; lower case.</summary>
    public static readonly ImmutableArray<string> Writes =
    [
        "upsert", "insert", "update", "delete", "add", "put", "create", "drop", "remove", "write", "set", "import", "load", "replace", "merge",
        "truncate", "clear", "purge", "store", "configure",
    ];

    /// <summary>The kind of an event's call.</summary>
    public static CallKind Of(LedgerEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return Of(e.Kind, e.Endpoint);
    }

    /// <summary>The kind of a call. Never allocates.</summary>
    public static CallKind Of(SpanKind kind, ReadOnlySpan<char> endpoint)
    {
        if (kind != SpanKind.VectorDb)
        {
            return (CallKind)kind;
        }

        var found = CallKind.VectorDb;
        for (var i = 0; i < endpoint.Length; i++)
        {
            if (!BeginsWord(endpoint, i))
            {
                continue;
            }

            if (BeginsWithAny(endpoint[i..], Writes))
            {
                return CallKind.VectorDbWrite;
            }

            found = BeginsWithAny(endpoint[i..], Reads) ? CallKind.VectorDbRead : found;
        }

        return found;
    }

    private static bool BeginsWord(ReadOnlySpan<char> text, int at) => char.IsAsciiLetter(text[at])
        && (at == 0 || !char.IsAsciiLetter(text[at - 1]) || (char.IsAsciiLetterUpper(text[at]) && char.IsAsciiLetterLower(text[at - 1])));

    private static bool BeginsWithAny(ReadOnlySpan<char> text, ImmutableArray<string> words)
    {
        foreach (var word in words)
        {
            if (text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word))
            {
                return true;
            }
        }

        return false;
    }
}
