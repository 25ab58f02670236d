namespace LlmObserve.Domain.Prices;

/// <summary>The prices that hold for one call: the account's, the entry's, and the provider's for what any call may use.</summary>
internal readonly struct CallRates
{
    private readonly AccountPrice? agreed;
    private readonly PriceEntry? entry;
    private readonly RateTable? rates;
    private readonly PriceEntry[] anyCall;
    private readonly DateTimeOffset at;

    public CallRates(PriceResolution resolution, PriceEntry? entry, AccountPrice? agreed, DateTimeOffset at)
    {
        this.agreed = agreed;
        this.entry = entry;
        this.at = at;
        rates = entry?.RatesAt(at);
        anyCall = resolution.ByEndpoint;
    }

    public bool IsEmpty => rates is null && agreed is null;

    public bool IsFree => agreed is null && rates is { IsFree: true };

    public decimal? PercentOfAmount => agreed?.Period.Rates.PercentOfAmount ?? rates?.PercentOfAmount;

    /// <summary>Whether there is a price for the kind itself.</summary>
    public bool Has(PriceKind kind) => agreed?.Period.Rates[kind] is not null || rates?[kind] is not null;

    /// <summary>
    /// The price of a kind, else of the kind that covers it, and so on up. At each step the account's price wins over the book's. What is left
    /// may be a service of the provider that any call can use.
    /// </summary>
    public bool TryFind(PriceKind kind, long totalInput, out UnitPrice price, out PriceKind pricedAs, out string? entryId)
    {
        for (PriceKind? step = kind; step is { } current; step = current.CoveredBy())
        {
            pricedAs = current;
            if (agreed?.Period.Rates[current] is { } own)
            {
                price = own.At(totalInput);
                entryId = agreed.Id;
                return true;
            }

            if (rates?[current] is { } listed)
            {
                price = listed.At(totalInput);
                entryId = entry!.Id;
                return true;
            }
        }

        pricedAs = kind;
        foreach (var service in anyCall)
        {
            if (service.AnyCall && service.RatesAt(at)?[kind] is { } rate)
            {
                price = rate.At(totalInput);
                entryId = service.Id;
                return true;
            }
        }

        price = default;
        entryId = null;
        return false;
    }
}
