namespace LlmObserve.Domain.Events;

/// <summary>
/// What a call consumed, by kind. <see cref="InputTokens"/> includes cache reads, cache writes, audio and image input;
/// <see cref="OutputTokens"/> includes reasoning, audio and image output. Nothing is negative.
/// </summary>
public sealed record Usage
{
    public static readonly Usage None = new();

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CacheReadTokens { get; init; }

    /// <summary>Written to a cache that lives five minutes.</summary>
    public long CacheWrite5mTokens { get; init; }

    /// <summary>Written to a cache that lives one hour.</summary>
    public long CacheWrite1hTokens { get; init; }

    public long ReasoningTokens { get; init; }

    public long InputAudioTokens { get; init; }

    public long OutputAudioTokens { get; init; }

    public long InputImageTokens { get; init; }

    public long OutputImageTokens { get; init; }

    public long Requests { get; init; }

    public long WebSearches { get; init; }

    public long ReadUnits { get; init; }

    public long WriteUnits { get; init; }

    public long Characters { get; init; }

    /// <summary>Seconds of audio or video, or of machine time; may be fractional.</summary>
    public decimal Seconds { get; init; }

    public long Images { get; init; }

    /// <summary>Gigabytes (10⁹ bytes); may be fractional.</summary>
    public decimal Gb { get; init; }
}
