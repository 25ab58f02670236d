using LlmObserve.Api.Clerk;

namespace LlmObserve.Api;

/// <summary>What the API needs to know from whoever starts it.</summary>
/// <param name="SessionSecret">
/// Signs session tokens; at least <see cref="Callers.SessionTokens.MinSecretBytes"/> random bytes, the same on every node and after a restart.
/// </param>
public sealed record ApiOptions(ReadOnlyMemory<byte> SessionSecret)
{
    /// <summary>How much one network may try.</summary>
    public SignInLimits SignIn { get; init; } = SignInLimits.Default;

    /// <summary>How the server meets the network.</summary>
    public EdgeOptions Edge { get; init; } = EdgeOptions.Default;

    /// <summary>Where users sign in by Clerk; null where they do so here.</summary>
    public ClerkOptions? Clerk { get; init; }
}
