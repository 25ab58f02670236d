using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Prices;

/// <summary>What calls cost.</summary>
public sealed partial class PriceBook
{
    /// <summary>What a call costs; never throws for what a client may send.</summary>
    public CallPrice Price(in PricedCall call, AccountPrices? account = null) => Compute(call, account ?? AccountPrices.None, null);

    /// <summary>As <see cref="Price"/>, with a line for each thing that was used.</summary>
    public PriceExplanation Explain(in PricedCall call, AccountPrices? account = null)
    {
        var lines = new List<PriceLine>();
        var price = Compute(call, account ?? AccountPrices.None, lines);
        var resolution = Resolve(call.Provider, call.Model);
        var source = resolution.Pick(call.Endpoint, call.IsStreaming, out _)?.Source;
        return new PriceExplanation(price, resolution.CanonicalModel, call.Discount, lines, source);
    }

    private static bool IsFailed(in PricedCall call) =>
        call.IsError || (call.Endpoint?.Equals("error", StringComparison.OrdinalIgnoreCase) ?? false);

    private CallPrice Compute(in PricedCall call, AccountPrices account, List<PriceLine>? lines)
    {
        var resolution = Resolve(call.Provider, call.Model);
        var entry = resolution.Pick(call.Endpoint, call.IsStreaming, out var perCall);
        var agreed = account.Find(resolution, call.OccurredAt);
        var counts = CallCounts.Of(call.Usage);
        var says = !counts.IsEmpty || call.AudioSeconds > 0;
        var entryId = agreed?.Id ?? entry?.Id;

        if (!says && call.ClientCost == Usd.Zero && (IsFailed(call) || (call.Kind == Events.SpanKind.Other && perCall is null)))
        {
            return new CallPrice(Usd.Zero, PriceOutcome.NothingUsed, null, Version);
        }

        if (entryId is null)
        {
            return Unpriced(call, PriceOutcome.UnknownModel, null);
        }

        var rates = new CallRates(resolution, entry, agreed, call.OccurredAt);
        if (rates.IsEmpty)
        {
            return Unpriced(call, PriceOutcome.NoPriceAtTime, entryId);
        }

        if (rates.PercentOfAmount > 0)
        {
            return Unpriced(call, PriceOutcome.NeedsAmount, entryId);
        }

        if (!Complete(ref counts, rates, call, perCall))
        {
            return rates.IsFree
                ? new CallPrice(Usd.Zero, PriceOutcome.Priced, entryId, Version)
                : Unpriced(call, PriceOutcome.NoUsage, entryId);
        }

        var sum = default(ExactSum);
        if (!AddUp(ref sum, counts, rates, lines))
        {
            return Unpriced(call, PriceOutcome.NoPriceForKind, entryId);
        }

        return sum.TryRound(call.Discount, out var cost)
            ? new CallPrice(cost, PriceOutcome.Priced, entryId, Version)
            : Unpriced(call, PriceOutcome.OutOfRange, entryId);
    }

    private CallPrice Unpriced(in PricedCall call, PriceOutcome outcome, string? entryId) =>
        new(call.ClientCost, outcome, entryId, Version);

    /// <summary>
    /// Fills in what a call need not say: the length of its audio, one operation, one unit of its endpoint, one request fee. False where it
    /// says nothing and nothing can be assumed.
    /// </summary>
    private static bool Complete(ref CallCounts counts, in CallRates rates, in PricedCall call, PriceKind? perCall)
    {
        // How many requests it took has no price of its own unless there is a fee for each, below.
        var requests = counts[PriceKind.Requests];
        var calls = requests > 0 ? requests : IsFailed(call) ? 0 : 1;
        counts[PriceKind.Requests] = 0;
        if (counts.Seconds == 0 && call.AudioSeconds is { } seconds && rates.Has(PriceKind.Seconds))
        {
            counts.Seconds = seconds;
        }

        if (rates.Has(PriceKind.Operations))
        {
            var units = (long)Int128.Min((Int128)counts[PriceKind.ReadUnits] + counts[PriceKind.WriteUnits], long.MaxValue);
            counts[PriceKind.Operations] = requests == 0 && units > 0 ? units : calls;
            counts[PriceKind.ReadUnits] = counts[PriceKind.WriteUnits] = 0;
        }
        else if (perCall is { } unit && counts.IsEmpty && call.AudioSeconds is null or 0)
        {
            counts[unit] = calls;
        }

        // A fee comes on top of what a request used; alone it is the price only of what has no tokens.
        if (rates.Has(PriceKind.Requests) && (!counts.IsEmpty || !rates.Has(PriceKind.Input)))
        {
            counts[PriceKind.Requests] = calls;
        }

        return !counts.IsEmpty;
    }

    private static bool AddUp(ref ExactSum sum, in CallCounts counts, in CallRates rates, List<PriceLine>? lines)
    {
        var complete = true;
        for (var kind = PriceKind.Input; (int)kind < PriceKinds.Count; kind++)
        {
            if (!counts.Uses(kind))
            {
                continue;
            }

            if (!rates.TryFind(kind, counts.TotalInput, out var price, out var pricedAs, out var entryId))
            {
                complete = false;
                lines?.Add(new PriceLine(kind, counts.Quantity(kind), kind, null, null, 0));
                continue;
            }

            if (kind is PriceKind.Seconds or PriceKind.Gb)
            {
                sum.Add(counts.Quantity(kind), price);
            }
            else
            {
                sum.Add(counts[kind], price);
            }

            lines?.Add(PriceLine.Of(kind, counts.Quantity(kind), pricedAs, price, entryId));
        }

        return complete;
    }
}
