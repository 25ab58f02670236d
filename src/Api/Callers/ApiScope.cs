using System.Collections.Immutable;

namespace LlmObserve.Api.Callers;

/// <summary>What an API key may do. A session may do everything that its user may.</summary>
[Flags]
public enum ApiScope
{
    None = 0,

    /// <summary>Send events.</summary>
    Ingest = 1,

    /// <summary>Ask whether a call may be made, and hold money for it.</summary>
    Check = 2,

    /// <summary>Read figures, runs and caps.</summary>
    Read = 4,

    /// <summary>Make, change and remove caps.</summary>
    Manage = 8,

    All = Ingest | Check | Read | Manage,
}

/// <summary>The words for scopes on the wire and in the store.</summary>
public static class ApiScopes
{
    /// <summary>What an SDK needs: a key made without a word about scopes can do this.</summary>
    public static readonly ImmutableArray<string> Default = ["ingest", "check"];

    private static readonly ImmutableArray<(string Word, ApiScope Scope)> Words =
    [
        ("ingest", ApiScope.Ingest),
        ("check", ApiScope.Check),
        ("read", ApiScope.Read),
        ("manage", ApiScope.Manage),
    ];

    /// <summary>Every word, for messages.</summary>
    public static string Known { get; } = string.Join(", ", Words.Select(pair => pair.Word));

    public static bool IsKnown(string word) => Words.Any(pair => pair.Word.Equals(word, StringComparison.Ordinal));

    /// <summary>The flags of stored words; a word that a later version wrote means nothing here and opens nothing.</summary>
    public static ApiScope FromWords(IEnumerable<string> words) =>
        words.Aggregate(ApiScope.None, (all, word) => all | Words.FirstOrDefault(pair => pair.Word.Equals(word, StringComparison.Ordinal)).Scope);

    /// <summary>The word of one scope.</summary>
    public static string ToWord(this ApiScope scope) => Words.First(pair => pair.Scope == scope).Word;
}
