namespace LlmObserve.Domain.Prices;

/// <summary>The prices that hold for one call: the account's, the entry's, and the provider's for what any call may use.</summary>
internal readonly struct CallRates
{
    private readonly AccountPrice? _agreed;
    private readonly PriceEntry? _entry;
    private readonly RateTable? _rates;
    private readonly PriceEntry[] _anyCall;
    private readonly DateTimeOffset _at;

    public CallRates(PriceResolution resolution, PriceEntry? entry, AccountPrice? agreed, DateTimeOffset at)
    {
        _agreed = agreed;
        _entry = entry;
        _at = at;
        _rates = entry?.RatesAt(at);
        _anyCall = resolution.ByEndpoint;
    }

    public bool IsEmpty => _rates is null && _agreed is null;

    public bool IsFree => _agreed is null && _rates is { IsFree: true };

    public decimal? PercentOfAmount => _agreed?.Period.Rates.PercentOfAmount ?? _rates?.PercentOfAmount;

    /// <summary>Whether there is a price for the kind itself.</summary>
    public bool Has(PriceKind kind) => _agreed?.Period.Rates[kind] is not null || _rates?[kind] is not null;

    /// <summary>
    /// The price of a kind, else of the kind that covers it, and so on up. At each step the account's price wins over the book's. What is
    /// left may be a service of the provider that any call can use.
    /// </summary>
    public bool TryFind(PriceKind kind, long totalInput, out UnitPrice price, out PriceKind pricedAs, out string? entryId)
    {
        for (PriceKind? step = kind; step is { } current; step = current.CoveredBy())
        {
            pricedAs = current;
            if (_agreed?.Period.Rates[current] is { } own)
            {
                price = own.At(totalInput);
                entryId = _agreed.Id;
                return true;
            }

            if (_rates?[current] is { } listed)
            {
                price = listed.At(totalInput);
                entryId = _entry!.Id;
                return true;
            }
        }

        pricedAs = kind;
        foreach (var service in _anyCall)
        {
            if (service.AnyCall && service.RatesAt(_at)?[kind] is { } rate)
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
