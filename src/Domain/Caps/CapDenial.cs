using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>Why a hard cap denies a call.</summary>
public enum DenialKind
{
    /// <summary>Spend leaves too little of the limit: waiting within the period does not help.</summary>
    Exceeded,

    /// <summary>Calls in flight fill what spend leaves: there is room again when they settle.</summary>
    Held,

    /// <summary>The account denies calls that have no price where a hard cap matches.</summary>
    Unpriced,

    /// <summary>The call alone would hold more of the limit than the account lets one call hold.</summary>
    HoldShare,
}

/// <summary>A hard cap that denies a call.</summary>
/// <param name="Standing">Where it stands.</param>
/// <param name="Kind">Why.</param>
/// <param name="Headroom">The most that one hold may take of it now, US dollars; never negative.</param>
/// <param name="RetryAfter">When asking again may help; null where waiting does not.</param>
public readonly record struct CapDenial(CapStanding Standing, DenialKind Kind, Usd Headroom, TimeSpan? RetryAfter = null);
