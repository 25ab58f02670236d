using System.Collections.Frozen;
using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>What the names of providers and models mean in a book. The rules are in the README beside this file, under Names.</summary>
internal sealed class PriceNames
{
    private readonly ImmutableArray<PriceProvider> _providers;
    private readonly FrozenDictionary<string, PriceProvider> _providersByName;
    private readonly FrozenDictionary<string, RuleIndex> _rulesByProvider;
    private readonly FrozenDictionary<string, PriceEntry[]> _servicesByProvider;
    private readonly FrozenDictionary<string, PriceEntry> _firstByModel;
    private readonly RuleIndex _rules;

    /// <exception cref="ArgumentException">Two providers share a name.</exception>
    public PriceNames(ImmutableArray<PriceProvider> providers, ImmutableArray<PriceEntry> entries)
    {
        _providers = providers;
        _providersByName = ByName(providers);
        _rules = new RuleIndex(entries);
        _rulesByProvider = entries
            .GroupBy(entry => entry.Provider, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => new RuleIndex(group), StringComparer.Ordinal);
        _servicesByProvider = entries
            .Where(entry => entry.Match is null)
            .GroupBy(entry => entry.Provider, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        _firstByModel = entries
            .Where(entry => entry.Match is not null)
            .GroupBy(entry => entry.Model, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Both names trimmed; empty for none.</summary>
    public PriceResolution Resolve(string provider, string model)
    {
        var named = _providersByName.GetValueOrDefault(Plain(provider));
        var pricedBy = named ?? (provider.Length == 0 ? null : _providers.FirstOrDefault(other => other.Match?.Matches(provider) == true));
        var label = named?.Id ?? provider.ToLowerInvariant();
        var services = pricedBy is null ? [] : _servicesByProvider.GetValueOrDefault(pricedBy.Id) ?? [];
        if (model.Length == 0)
        {
            return new PriceResolution(pricedBy?.Id ?? label, label, "", "", [], services);
        }

        var entries = provider.Length > 0 ? Of(pricedBy, model) : WithoutProvider(model);
        var meant = provider.Length > 0 && entries.Length > 0 ? entries[0] : ByNameAlone(model);

        // What a model is called must not depend on who serves it where the name alone says what it is: a check may name no provider,
        // and a cap on the name that a page shows has to count the calls that the page shows.
        var canonical = meant is null ? model : ByNameAlone(meant.Model)?.Model ?? meant.Model;
        return new PriceResolution(
            pricedBy?.Id ?? entries.FirstOrDefault()?.Provider ?? label, label, model, canonical, entries, services);
    }

    private static FrozenDictionary<string, PriceProvider> ByName(ImmutableArray<PriceProvider> providers)
    {
        var names = new Dictionary<string, PriceProvider>(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            foreach (var name in provider.Aliases.Prepend(provider.Id))
            {
                if (!names.TryAdd(Plain(name), provider) && names[Plain(name)] != provider)
                {
                    throw new ArgumentException(
                        $"the providers {names[Plain(name)].Id} and {provider.Id} share the name {name}", nameof(providers));
                }
            }
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary><c>Together-AI</c>, <c>together_ai</c> and <c>together ai</c> are one name.</summary>
    private static string Plain(string name) => name.ToLowerInvariant().Replace("-", "").Replace("_", "").Replace(" ", "");

    /// <summary>The provider's own entries for a model, else those of the first provider at whose prices it also serves models.</summary>
    private PriceEntry[] Of(PriceProvider? provider, string model)
    {
        if (provider is null)
        {
            return [];
        }

        foreach (var id in provider.Fallback.Prepend(provider.Id))
        {
            if (Covering(id, model) is { Length: > 0 } entries)
            {
                return entries;
            }
        }

        return [];
    }

    /// <summary>
    /// A price without a provider: the maker's, else that of the only provider that has the model. Where several hosts serve it at prices
    /// of their own, none of them is the price.
    /// </summary>
    private PriceEntry[] WithoutProvider(string model)
    {
        if (Spelled(model) is null && ByMaker(model) is { Length: > 0 } made)
        {
            return made;
        }

        var hosts = _providers.Select(provider => Covering(provider.Id, model)).Where(entries => entries.Length > 0).Take(2).ToArray();
        return hosts is [var only] ? only : [];
    }

    /// <summary>
    /// What a name means without a provider. A name with a slash is some host's own spelling: exactly that model. Otherwise the makers
    /// whose model rule covers it, in book order; then exactly that model of anyone; then anyone's entry that covers it.
    /// </summary>
    private PriceEntry? ByNameAlone(string model) =>
        Spelled(model)
        ?? ByMaker(model).FirstOrDefault()
        ?? _firstByModel.GetValueOrDefault(model)
        ?? _rules.Covering(model).FirstOrDefault();

    private PriceEntry[] ByMaker(string model)
    {
        foreach (var maker in _providers)
        {
            if (maker.ModelMatch?.Matches(model) == true && Covering(maker.Id, model) is { Length: > 0 } made)
            {
                return made;
            }
        }

        return [];
    }

    private PriceEntry? Spelled(string model) =>
        model.Contains('/', StringComparison.Ordinal) ? _firstByModel.GetValueOrDefault(model) : null;

    /// <summary>A provider's entries whose rule covers the name; where none does, the one whose model is the name itself.</summary>
    private PriceEntry[] Covering(string provider, string model) =>
        !_rulesByProvider.TryGetValue(provider, out var rules) ? []
        : rules.Covering(model) is { Length: > 0 } byRule ? byRule
        : rules.Named(model) is { } named ? [named]
        : [];
}
