using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Prices;

/// <summary>How a price came about.</summary>
public enum PriceOutcome
{
    /// <summary>The book's figure.</summary>
    Priced,

    /// <summary>A failed call without usage, or a span that is no call and claims no cost: zero.</summary>
    NothingUsed,

    /// <summary>The book has no entry for the provider and model, or for the endpoint. The client's figure.</summary>
    UnknownModel,

    /// <summary>The entry has no price that holds at the time. The client's figure.</summary>
    NoPriceAtTime,

    /// <summary>The call used something that the entry has no price for and no base price covers. The client's figure.</summary>
    NoPriceForKind,

    /// <summary>A call that succeeded, in the book, but says nothing of what it used. The client's figure.</summary>
    NoUsage,

    /// <summary>The price is a share of an amount that events do not state. The client's figure.</summary>
    NeedsAmount,

    /// <summary>More than an amount of money can hold. The client's figure.</summary>
    OutOfRange,
}

/// <summary>What a call costs.</summary>
/// <param name="Cost">The book's figure, or the client's where <paramref name="Outcome"/> says so.</param>
/// <param name="Outcome">How it came about.</param>
/// <param name="EntryId">The entry that priced it, or that failed to; null where none was found.</param>
/// <param name="Version">The book's version.</param>
public readonly record struct CallPrice(Usd Cost, PriceOutcome Outcome, string? EntryId, int Version)
{
    /// <summary><see cref="Cost"/> is the client's figure: flag the event.</summary>
    public bool Unpriced => Outcome is not (PriceOutcome.Priced or PriceOutcome.NothingUsed);
}

/// <summary>One line of an explanation.</summary>
/// <param name="Kind">What was used.</param>
/// <param name="Quantity">How much of it, each token counted in one line only.</param>
/// <param name="PricedAs">The kind whose price applied: another than <paramref name="Kind"/> where a base price covers it.</param>
/// <param name="Price">The price; null where there is none.</param>
/// <param name="EntryId">The entry that the price is from, or <c>account:…</c> for an override.</param>
/// <param name="Amount">US dollars before the discount, to 28 digits; for people, the cost is summed exactly.</param>
public sealed record PriceLine(PriceKind Kind, decimal Quantity, PriceKind PricedAs, UnitPrice? Price, string? EntryId, decimal Amount)
{
    internal static PriceLine Of(PriceKind kind, decimal quantity, PriceKind pricedAs, UnitPrice price, string? entryId)
    {
        // Zero where even a decimal cannot hold the product: the outcome is out of range then.
        var units = quantity / price.Per;
        var amount = price.Usd > 1 && units > decimal.MaxValue / price.Usd ? 0 : units * price.Usd;
        return new PriceLine(kind, quantity, pricedAs, price, entryId, amount);
    }
}

/// <summary>A price and how it was reached.</summary>
public sealed record PriceExplanation(
    CallPrice Price, string CanonicalModel, decimal Discount, IReadOnlyList<PriceLine> Lines, string? Source);
