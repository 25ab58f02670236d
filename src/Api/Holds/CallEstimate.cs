using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Api.Holds;

/// <summary>How much output a caller asks for.</summary>
/// <param name="Max">What the call may make at most.</param>
/// <param name="Min">With less the call is not worth making.</param>
internal readonly record struct OutputRange(long Max, long Min);

/// <summary>What a call may use at most, as its caller says, and for how long that is to be held.</summary>
/// <param name="Call">With the most output and the caller's own figure, at whatever time.</param>
/// <param name="Output">Null where the estimate is not in plain tokens: then there is no output to make smaller.</param>
/// <param name="StatesCost">The caller gave a figure of its own, which may be zero.</param>
/// <param name="Time">The call ends within it.</param>
internal sealed record CallEstimate(PricedCall Call, OutputRange? Output, bool StatesCost, TimeSpan Time)
{
    /// <summary>What the account pays where it differs from the book.</summary>
    public AccountPrices Own { get; init; } = AccountPrices.None;

    /// <summary>The most that the call can cost where it begins at <paramref name="at"/>.</summary>
    public CallPrice Bound(PriceBook book, DateTimeOffset at) => book.UpperBound(Call with { OccurredAt = at }, at + Time, Own);

    /// <summary>What the call can cost at most with this much output; the book must have a price for it.</summary>
    public Usd BoundOf(PriceBook book, DateTimeOffset at, long output)
    {
        var less = book.UpperBound(Call with { OccurredAt = at, Usage = Call.Usage with { OutputTokens = output } }, at + Time, Own);

        // Nothing in and nothing out: no book says so, but that costs nothing.
        return less.Unpriced ? Usd.Zero : less.Cost;
    }

    /// <summary>The most output that an amount covers; null where none does, or where nobody can tell.</summary>
    public long? OutputWithin(PriceBook book, DateTimeOffset at, Usd available) =>
        Output is null ? null : book.LargestOutput(Call with { OccurredAt = at }, at + Time, available, Own);

    /// <summary>The least output that the caller wants, where that is less than the most.</summary>
    public long? LeastOutput => Output is { } range && range.Min < range.Max ? range.Min : null;

    /// <summary>The output to ask for where so much is available and the whole does not fit; null where that is too little.</summary>
    public long? LessOutput(PriceBook book, DateTimeOffset at, Usd available) =>
        OutputWithin(book, at, available) is { } fits && fits < Output!.Value.Max && fits >= Output.Value.Min ? fits : null;
}
