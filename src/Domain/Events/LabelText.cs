namespace LlmObserve.Domain.Events;

/// <summary>How labels that people and programs type differently become one: trimmed, lower case by the invariant rules.</summary>
internal static class LabelText
{
    /// <summary>The same string where it is canonical already.</summary>
    public static string Canonical(string text) => Canonical(text, text.AsSpan().Trim());

    /// <summary>The canonical form of <paramref name="part"/>, a slice of <paramref name="whole"/>; no allocation where they are one.</summary>
    public static string Canonical(string whole, ReadOnlySpan<char> part) =>
        part.IsEmpty ? "" : (part.Length == whole.Length ? whole : part.ToString()).ToLowerInvariant();
}
