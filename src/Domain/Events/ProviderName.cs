namespace LlmObserve.Domain.Events;

/// <summary>
/// The name of a provider that no price book knows: <c>OpenAI</c> and <c>openai</c> are one. Events and caps go through the price book,
/// which knows aliases too and gives this where it has none.
/// </summary>
public static class ProviderName
{
    /// <summary>Trimmed, lower case; empty for null. Returns the same string where it is canonical already.</summary>
    public static string Normalize(string? provider) => provider is null ? "" : LabelText.Canonical(provider);
}
