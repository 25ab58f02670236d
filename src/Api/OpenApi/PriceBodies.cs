namespace LlmObserve.Api.OpenApi;

/// <summary>All of an account's own prices.</summary>
internal sealed record PricingBody
{
    /// <summary>That of the prices that these take the place of; 0 for the first.</summary>
    public required int Version { get; init; }

    /// <summary>At most 1,000. What is not in the list has the book's price.</summary>
    public required IReadOnlyList<AccountPriceBody> Overrides { get; init; }
}

/// <summary>What the account pays for one model or service. Unknown fields are refused: none must change a price unseen.</summary>
internal sealed record AccountPriceBody
{
    /// <summary>By any of its names.</summary>
    public required string Provider { get; init; }

    /// <summary>A canonical model stands for all its names, any other name for itself alone. Left out for calls without a model.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// US dollars by kind: tokens by the million, others by one, as in {"input":2,"output":8}. An object with usd, per and tiers instead of a number, or a list
    /// of objects with from, until, daily and rates instead of the whole, as the price book has them. Kinds that are not named have the book's price.
    /// </summary>
    public required IReadOnlyDictionary<string, object?> Prices { get; init; }
}
