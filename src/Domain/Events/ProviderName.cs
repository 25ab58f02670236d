namespace LlmObserve.Domain.Events;

/// <summary>The canonical name of a provider: <c>OpenAI</c> and <c>openai</c> are one.</summary>
public static class ProviderName
{
    /// <summary>Trimmed, lower case; empty for null. Returns the same string where it is canonical already.</summary>
    public static string Normalize(string? provider) => provider is null ? "" : LabelText.Canonical(provider);
}
