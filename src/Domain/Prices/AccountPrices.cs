using System.Collections.Frozen;
using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// A price that an account agreed with a provider. The kinds that it names win over the book's; for the rest the book's prices hold.
/// <paramref name="Model"/> is a canonical model, which covers every name that resolves to it, or one raw name, which covers only itself;
/// it is empty for calls without a model. <paramref name="Provider"/> is canonical, as <see cref="PriceBook.Provider"/> gives it.
/// </summary>
public sealed record AccountPrice(string Provider, string Model, PricePeriod Period)
{
    /// <summary>What an event keeps to say that this override priced it.</summary>
    public string Id { get; } = $"account:{Provider}/{Model}";
}

/// <summary>The overrides of one account; they win over the book.</summary>
public sealed class AccountPrices
{
    /// <summary>An account negotiates tens of prices, not thousands; the list is held in memory for every active account.</summary>
    public const int MaxPrices = 1_000;

    public static readonly AccountPrices None = new([]);

    private readonly FrozenDictionary<(string Provider, string Model), AccountPrice[]> _byName;

    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="MaxPrices"/>.</exception>
    public AccountPrices(ImmutableArray<AccountPrice> prices)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prices.Length, MaxPrices, nameof(prices));
        Prices = prices;
        _byName = prices
            .GroupBy(price => (price.Provider, price.Model), NamePairComparer.Instance)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), NamePairComparer.Instance);
    }

    public ImmutableArray<AccountPrice> Prices { get; }

    /// <summary>
    /// The last price that holds at the time for the raw name, else for the canonical one; under the provider's own name, else under that
    /// of the provider whose prices it is given. Does not allocate.
    /// </summary>
    internal AccountPrice? Find(PriceResolution names, DateTimeOffset at) => _byName.Count == 0
        ? null
        : Find(names.ProviderLabel, names.RawModel, at) ?? Find(names.ProviderLabel, names.CanonicalModel, at)
            ?? Find(names.ProviderId, names.RawModel, at) ?? Find(names.ProviderId, names.CanonicalModel, at);

    /// <summary>
    /// Whether a price holds at the time for a model of these names; without a provider that of any provider, as a check may name only the model.
    /// </summary>
    internal bool Knows(PriceResolution names, DateTimeOffset at) => _byName.Count > 0 && names.RawModel.Length > 0
        && (names.ProviderLabel.Length > 0 ? Find(names, at) is not null : Prices.Any(price => IsOf(price.Model, names) && price.Period.Holds(at)));

    /// <summary>Every price that may apply to the names, at whatever time.</summary>
    internal IEnumerable<AccountPrice> All(PriceResolution names) =>
        from provider in new[] { names.ProviderLabel, names.ProviderId }
        from model in new[] { names.RawModel, names.CanonicalModel }
        from price in _byName.GetValueOrDefault((provider, model)) ?? []
        select price;

    private static bool IsOf(string model, PriceResolution names) =>
        model.Equals(names.RawModel, StringComparison.OrdinalIgnoreCase) || model.Equals(names.CanonicalModel, StringComparison.OrdinalIgnoreCase);

    private AccountPrice? Find(string provider, string model, DateTimeOffset at)
    {
        if (_byName.TryGetValue((provider, model), out var prices))
        {
            for (var i = prices.Length - 1; i >= 0; i--)
            {
                if (prices[i].Period.Holds(at))
                {
                    return prices[i];
                }
            }
        }

        return null;
    }
}

/// <summary>Compares (provider, model) without regard to case and without allocating.</summary>
internal sealed class NamePairComparer : IEqualityComparer<(string Provider, string Model)>
{
    public static readonly NamePairComparer Instance = new();

    public bool Equals((string Provider, string Model) x, (string Provider, string Model) y) =>
        x.Model.Equals(y.Model, StringComparison.OrdinalIgnoreCase) && x.Provider.Equals(y.Provider, StringComparison.OrdinalIgnoreCase);

    public int GetHashCode((string Provider, string Model) obj) => HashCode.Combine(
        obj.Provider.GetHashCode(StringComparison.OrdinalIgnoreCase), obj.Model.GetHashCode(StringComparison.OrdinalIgnoreCase));
}
