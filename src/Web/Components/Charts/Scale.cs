using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Components.Charts;

/// <summary>Where the lines of an axis stand.</summary>
internal static class Scale
{
    /// <summary>About as many lines as can be read at a glance.</summary>
    private const int Lines = 4;

    private static readonly long[] s_round = [1, 2, 5, 10];

    /// <summary>Round amounts from 0 up to the highest or above.</summary>
    public static IReadOnlyList<Usd> Of(long highestNanos)
    {
        var rough = Math.Max(1, highestNanos / Lines);
        var magnitude = 1L;
        while (magnitude <= rough / 10)
        {
            magnitude *= 10;
        }

        var step = s_round.Select(round => round * magnitude).First(candidate => candidate * Lines >= highestNanos || candidate == 10 * magnitude);
        var lines = Math.Max(1, (int)((highestNanos + step - 1) / step));
        return [.. Enumerable.Range(0, lines + 1).Select(line => new Usd(line * step))];
    }
}
