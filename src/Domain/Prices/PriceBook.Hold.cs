using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Prices;

/// <summary>What calls may cost at most, for holds.</summary>
public sealed partial class PriceBook
{
    /// <summary>
    /// The most that a call can cost that uses no more than <paramref name="call"/> states and ends between
    /// <see cref="PricedCall.OccurredAt"/> and <paramref name="latest"/>: prices may change meanwhile, and any part of the output may turn
    /// out to be reasoning. Input counts as stated: who writes to a cache says so in the usage.
    /// </summary>
    public CallPrice UpperBound(in PricedCall call, DateTimeOffset latest, AccountPrices? account = null)
    {
        var reasoning = Math.Max(call.Usage.ReasoningTokens, call.Usage.OutputTokens);
        var thinking = call with { Usage = call.Usage with { ReasoningTokens = reasoning } };
        var most = Dearer(Price(call, account), Price(thinking, account));
        foreach (var at in Changes(call, latest, account))
        {
            most = Dearer(most, Price(call with { OccurredAt = at }, account));
            most = Dearer(most, Price(thinking with { OccurredAt = at }, account));
        }

        return most;
    }

    /// <summary>
    /// The largest output, at most what <paramref name="call"/> states, for which <see cref="UpperBound"/> stays within
    /// <paramref name="available"/>; null where not even no output does, or where the book cannot price the call.
    /// </summary>
    public long? LargestOutput(in PricedCall call, DateTimeOffset latest, Usd available, AccountPrices? account = null)
    {
        if (WithOutput(call, 1, latest, account).Unpriced || !Fits(call, 0, latest, available, account))
        {
            return null;
        }

        if (Fits(call, call.Usage.OutputTokens, latest, available, account))
        {
            return call.Usage.OutputTokens;
        }

        var (fits, tooMuch) = (0L, call.Usage.OutputTokens);
        while (tooMuch - fits > 1)
        {
            var middle = fits + ((tooMuch - fits) / 2);
            (fits, tooMuch) = Fits(call, middle, latest, available, account) ? (middle, tooMuch) : (fits, middle);
        }

        return fits;
    }

    private bool Fits(in PricedCall call, long output, DateTimeOffset latest, Usd available, AccountPrices? account)
    {
        var bound = WithOutput(call, output, latest, account);

        // A call that uses nothing at all costs nothing, though no book says so.
        return bound.Outcome == PriceOutcome.NoUsage ? available >= Usd.Zero : !bound.Unpriced && bound.Cost <= available;
    }

    private CallPrice WithOutput(in PricedCall call, long output, DateTimeOffset latest, AccountPrices? account) =>
        UpperBound(call with { Usage = call.Usage with { OutputTokens = output } }, latest, account);

    /// <summary>A bound that cannot be told is above any that can.</summary>
    private static CallPrice Dearer(CallPrice one, CallPrice other) =>
        one.Unpriced || (!other.Unpriced && one.Cost >= other.Cost) ? one : other;

    /// <summary>The instants after the call's at which one of its prices may begin or end to hold.</summary>
    private List<DateTimeOffset> Changes(in PricedCall call, DateTimeOffset latest, AccountPrices? account)
    {
        var resolution = Resolve(call.Provider, call.Model);
        List<DateTimeOffset> changes = [];
        if (resolution.Pick(call.Endpoint, call.IsStreaming, out _) is { } entry)
        {
            AddEdges(entry, call.OccurredAt, latest, changes);
        }

        foreach (var price in account?.All(resolution) ?? [])
        {
            price.Period.AddEdges(call.OccurredAt, latest, changes);
        }

        foreach (var service in resolution.ByEndpoint)
        {
            if (service.AnyCall)
            {
                AddEdges(service, call.OccurredAt, latest, changes);
            }
        }

        return changes;
    }

    private static void AddEdges(PriceEntry entry, DateTimeOffset after, DateTimeOffset latest, List<DateTimeOffset> changes)
    {
        foreach (var period in entry.Periods)
        {
            period.AddEdges(after, latest, changes);
        }
    }
}
