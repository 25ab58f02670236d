using System.Collections.Frozen;
using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// Prices by (provider, model, time). Immutable and safe for any number of threads; an import makes a new book with the next version.
/// What is free of allocation: <see cref="Provider"/>, <see cref="Canonical"/>, <see cref="Knows"/> and <see cref="Price"/> for names that
/// were seen before.
/// </summary>
public sealed partial class PriceBook
{
    private readonly FrozenDictionary<string, PriceEntry> _entriesById;
    private readonly PriceNames _names;
    private readonly NameCache<PriceResolution> _resolutions = new();

    /// <exception cref="ArgumentException">Two providers or two entries share a name.</exception>
    public PriceBook(int version, ImmutableArray<PriceProvider> providers, ImmutableArray<PriceEntry> entries)
    {
        Version = version;
        Providers = providers;
        Entries = entries;
        _entriesById = entries.ToFrozenDictionary(entry => entry.Id, StringComparer.Ordinal);
        _names = new PriceNames(providers, entries);
    }

    /// <summary>Grows by one with each import; an event keeps it.</summary>
    public int Version { get; }

    public ImmutableArray<PriceProvider> Providers { get; }

    /// <summary>In order: the first entry of a provider that covers a name wins.</summary>
    public ImmutableArray<PriceEntry> Entries { get; }

    public PriceEntry? Entry(string id) => _entriesById.GetValueOrDefault(id);

    /// <summary>
    /// The canonical provider: the book's id for a name or alias of it (<c>Gemini</c> → <c>google</c>), else the name trimmed and in lower
    /// case; empty for none.
    /// </summary>
    public string Provider(string? name) => Resolve(name, null).ProviderLabel;

    /// <summary>
    /// The canonical model: the model of the entry that the name resolves to (<c>gpt-4o-2024-08-06</c> → <c>gpt-4o</c>), else the name as
    /// given, trimmed; empty for none. With a provider its own entries are asked first, without one the makers of models.
    /// </summary>
    public string Canonical(string? provider, string? model) => Resolve(provider, model).CanonicalModel;

    /// <summary>
    /// Whether the book has an entry for the model, or one of the provider for whatever it is asked. What only some endpoint has a price for
    /// does not count: that is no price of the model.
    /// </summary>
    public bool Knows(string? provider, string? model)
    {
        var names = Resolve(provider, model);
        if (names.ByModel.Length > 0)
        {
            return true;
        }

        foreach (var service in names.ByEndpoint)
        {
            if (service.Endpoints.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same, or the account has a price for it at the time.</summary>
    public bool Knows(string? provider, string? model, AccountPrices account, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(account);
        return Knows(provider, model) || account.Knows(Resolve(provider, model), at);
    }

    internal PriceResolution Resolve(string? provider, string? model) => _resolutions.GetOrAdd(
        provider?.Trim() ?? "", model?.Trim() ?? "", _names, static (names, provider, model) => names.Resolve(provider, model));
}
