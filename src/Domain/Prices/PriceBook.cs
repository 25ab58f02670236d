using System.Collections.Frozen;
using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// Prices by (provider, model, time). Immutable and safe for any number of threads; an import makes a new book with the next version. What is
/// free of allocation: <see cref="Provider"/>, <see cref="Canonical"/> and <see cref="Price"/> for a pair of names that was seen before.
/// </summary>
public sealed partial class PriceBook
{
    private readonly FrozenDictionary<string, PriceProvider> providersByName;
    private readonly FrozenDictionary<string, PriceEntry[]> entriesByProvider;
    private readonly FrozenDictionary<string, PriceEntry> entriesById;
    private readonly FrozenDictionary<string, PriceEntry> firstByModel;
    private readonly NameCache<PriceResolution> resolutions = new();

    /// <exception cref="ArgumentException">Two providers or two entries share a name.</exception>
    public PriceBook(int version, ImmutableArray<PriceProvider> providers, ImmutableArray<PriceEntry> entries)
    {
        Version = version;
        Providers = providers;
        Entries = entries;
        providersByName = ProviderNames(providers);
        entriesByProvider = entries
            .GroupBy(entry => entry.Provider, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        entriesById = entries.ToFrozenDictionary(entry => entry.Id, StringComparer.Ordinal);
        firstByModel = entries
            .Where(entry => entry.Match is not null)
            .GroupBy(entry => entry.Model, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Grows by one with each import; an event keeps it.</summary>
    public int Version { get; }

    public ImmutableArray<PriceProvider> Providers { get; }

    /// <summary>In order: the first entry of a provider that covers a name wins.</summary>
    public ImmutableArray<PriceEntry> Entries { get; }

    public PriceEntry? Entry(string id) => entriesById.GetValueOrDefault(id);

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

    internal PriceResolution Resolve(string? provider, string? model) =>
        resolutions.GetOrAdd(provider?.Trim() ?? "", model?.Trim() ?? "", this, static (book, provider, model) => book.ResolveUncached(provider, model));

    private static FrozenDictionary<string, PriceProvider> ProviderNames(ImmutableArray<PriceProvider> providers)
    {
        var names = new Dictionary<string, PriceProvider>(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            foreach (var name in provider.Aliases.Prepend(provider.Id))
            {
                if (!names.TryAdd(Plain(name), provider) && names[Plain(name)] != provider)
                {
                    throw new ArgumentException($"the providers {names[Plain(name)].Id} and {provider.Id} share the name {name}", nameof(providers));
                }
            }
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary><c>Together-AI</c>, <c>together_ai</c> and <c>together ai</c> are one name.</summary>
    private static string Plain(string name) => name.ToLowerInvariant().Replace("-", "").Replace("_", "").Replace(" ", "");

    private PriceResolution ResolveUncached(string provider, string model)
    {
        var named = providersByName.GetValueOrDefault(Plain(provider));
        var pricedBy = named ?? (provider.Length == 0 ? null : Providers.FirstOrDefault(candidate => candidate.Match?.Matches(provider) == true));
        var byName = model.Length == 0 ? null : ByNameAlone(model);
        var byModel = model.Length == 0 ? []
            : provider.Length > 0 ? ByModel(pricedBy, model)
            : WithoutProvider(model);
        var byEndpoint = pricedBy is null ? [] : Of(pricedBy.Id).Where(entry => entry.Match is null).ToArray();

        // What the model is called must not depend on who serves it where the name alone says what it is: a check may name no provider,
        // and a cap on the name that a page shows has to count the calls that the page shows.
        var meant = provider.Length > 0 && byModel.Length > 0 ? byModel[0] : byName;
        var canonical = meant is null ? model : ByNameAlone(meant.Model)?.Model ?? meant.Model;
        var label = named?.Id ?? provider.ToLowerInvariant();
        return new PriceResolution(pricedBy?.Id ?? byModel.FirstOrDefault()?.Provider ?? label, label, model, canonical, byModel, byEndpoint);
    }

    /// <summary>The provider's own entries for a model, else those of the first provider at whose prices it also serves models.</summary>
    private PriceEntry[] ByModel(PriceProvider? provider, string model)
    {
        if (provider is null)
        {
            return [];
        }

        var own = Covering(provider.Id, model);
        foreach (var other in provider.Fallback)
        {
            if (own.Length > 0)
            {
                break;
            }

            own = Covering(other, model);
        }

        return own;
    }

    /// <summary>
    /// A price without a provider: the maker's, else that of the only provider that has the model. Where several hosts serve it at prices of
    /// their own, none of them is the price.
    /// </summary>
    private PriceEntry[] WithoutProvider(string model)
    {
        if (Spelled(model) is null && ByMaker(model) is { Length: > 0 } made)
        {
            return made;
        }

        var hosts = Providers.Select(provider => Covering(provider.Id, model)).Where(entries => entries.Length > 0).Take(2).ToArray();
        return hosts is [var only] ? only : [];
    }

    private PriceEntry[] ByMaker(string model)
    {
        foreach (var maker in Providers)
        {
            if (maker.ModelMatch?.Matches(model) == true && Covering(maker.Id, model) is { Length: > 0 } made)
            {
                return made;
            }
        }

        return [];
    }

    /// <summary>Entries whose rule covers the name; where none does, the one whose model is the name itself.</summary>
    private PriceEntry[] Covering(string provider, string model)
    {
        var byRule = Of(provider).Where(entry => entry.Match?.Matches(model) == true).ToArray();
        return byRule.Length > 0
            ? byRule
            : Of(provider).Where(entry => entry.Match is not null && entry.Model.Equals(model, StringComparison.OrdinalIgnoreCase)).ToArray();
    }

    /// <summary>
    /// What a name means without a provider. A name with a slash is some host's own spelling: exactly that model. Otherwise the makers
    /// whose model rule covers it, in book order; then exactly that model of anyone; then anyone's entry that covers it.
    /// </summary>
    private PriceEntry? ByNameAlone(string model)
    {
        if (Spelled(model) is { } spelled)
        {
            return spelled;
        }

        if (ByMaker(model) is [var made, ..])
        {
            return made;
        }

        return firstByModel.GetValueOrDefault(model) ?? Entries.FirstOrDefault(entry => entry.Match?.Matches(model) == true);
    }

    private PriceEntry? Spelled(string model) =>
        model.Contains('/', StringComparison.Ordinal) ? firstByModel.GetValueOrDefault(model) : null;

    private PriceEntry[] Of(string provider) => entriesByProvider.GetValueOrDefault(provider) ?? [];
}
