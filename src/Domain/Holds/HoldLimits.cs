using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Holds;

/// <summary>The bounds of holds.</summary>
public static class HoldLimits
{
    /// <summary>Longer than nearly every call; a caller that dies gives its room back after it.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(10);

    /// <summary>Shorter than a round trip makes no sense.</summary>
    public static readonly TimeSpan MinTime = TimeSpan.FromSeconds(1);

    /// <summary>At a time: what is held after a crash is held this long at most. A longer call extends its hold.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromHours(1);

    /// <summary>With all extensions, from the grant on. Providers' batches take a day.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromHours(24);

    /// <summary>Of one account. Some 20 MB; nobody has this many calls in flight.</summary>
    public const int MaxOpen = 50_000;

    /// <summary>Of one hold: a hundred thousand dollars, far beyond any call; with <see cref="MaxOpen"/> of them the sum stays in range.</summary>
    public static readonly Usd MaxAmount = Usd.FromDollars(100_000);

    /// <summary>Ended holds of an account that are remembered, to answer repeats and late events; the latest.</summary>
    public const int MaxEnded = 10_000;

    /// <summary>How long an ended hold is remembered: clients send their events within minutes.</summary>
    public static readonly TimeSpan EndedFor = TimeSpan.FromHours(1);

    /// <summary>Of an idempotency key.</summary>
    public const int MaxKeyLength = 255;
}
