using System.Collections.Immutable;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>What the denials of one call come to.</summary>
public static class CapDenials
{
    /// <summary>The most lasting first: what waiting never changes, what the next period changes, what a smaller call changes, what a moment changes.</summary>
    private static readonly ImmutableArray<DenialKind> ByGravity =
        [DenialKind.Unpriced, DenialKind.Exceeded, DenialKind.HoldShare, DenialKind.Held];

    /// <summary>The gravest denial, the first of its kind; there must be one.</summary>
    public static CapDenial Gravest(this ImmutableArray<CapDenial> denials)
    {
        foreach (var kind in ByGravity)
        {
            foreach (var denial in denials)
            {
                if (denial.Kind == kind)
                {
                    return denial;
                }
            }
        }

        throw new ArgumentException("There is no denial.", nameof(denials));
    }

    /// <summary>When all caps may have room again; null where waiting does not help with every one, or where that is not known.</summary>
    public static TimeSpan? RetryAfter(this ImmutableArray<CapDenial> denials)
    {
        TimeSpan? longest = null;
        foreach (var denial in denials)
        {
            if (denial.Kind != DenialKind.Held || denial.RetryAfter is not { } wait)
            {
                return null;
            }

            longest = longest > wait ? longest : wait;
        }

        return longest;
    }

    /// <summary>The most that one hold may take of every cap that denies; zero where no amount helps.</summary>
    public static Usd Headroom(this ImmutableArray<CapDenial> denials)
    {
        var least = Usd.MaxValue;
        foreach (var denial in denials)
        {
            least = Usd.Min(least, denial.Kind == DenialKind.Unpriced ? Usd.Zero : denial.Headroom);
        }

        return denials.IsEmpty ? Usd.Zero : least;
    }
}
