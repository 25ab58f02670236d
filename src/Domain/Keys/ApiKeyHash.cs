namespace LlmObserve.Domain.Keys;

/// <summary>The SHA-256 of an API key, 64 lower-case hexadecimal digits: what is stored and looked up instead of the key.</summary>
public readonly record struct ApiKeyHash(string Value)
{
    public override string ToString() => Value;
}
