namespace LlmObserve.Api.Limits;

/// <summary>Requests a second that one may make, for long; for a moment <see cref="BurstSeconds"/> times as many. 0: no limit. Each process counts for itself.</summary>
public sealed record RateLimitOptions
{
    /// <summary>A program that starts sends what has waited.</summary>
    public const int BurstSeconds = 2;

    /// <summary>More than a server on two processors answers, so it is no limit but a mistake. Sums stay in range.</summary>
    public const int MaxPerSecond = 1_000_000;

    public static RateLimitOptions Default { get; } = new();

    /// <summary>Of one API key. A check and an event a call: five thousand calls of models a second, which no one program makes.</summary>
    public int PerKey { get; init; } = 10_000;

    /// <summary>Of one account, whoever asks: about half of what a process on two processors answers, so that others get in too.</summary>
    public int PerAccount { get; init; } = 20_000;

    /// <summary>
    /// Of one address, of requests that are nobody's yet: without credentials, with a session, with a key that was not seen in the last second, or refused.
    /// Many people share an address; nobody guesses a secret at this rate.
    /// </summary>
    public int PerAddress { get; init; } = 1_000;
}
