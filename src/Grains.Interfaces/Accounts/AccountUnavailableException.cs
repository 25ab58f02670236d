using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>An account cannot be loaded now: its database does not answer. Safe to try again.</summary>
[GenerateSerializer, Alias("llmobserve.account-unavailable")]
public sealed class AccountUnavailableException : Exception
{
    public AccountUnavailableException()
    {
    }

    public AccountUnavailableException(string message)
        : base(message)
    {
    }

    public AccountUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
