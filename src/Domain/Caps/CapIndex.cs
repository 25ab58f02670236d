namespace LlmObserve.Domain.Caps;

/// <summary>Makes <see cref="CapIndex{T}"/>.</summary>
public static class CapIndex
{
    /// <summary>The index of the enabled ones among <paramref name="caps"/>: a disabled cap never alerts and never denies.</summary>
    public static CapIndex<Cap> Of(IEnumerable<Cap> caps) => Build(caps.Where(cap => cap.Enabled), cap => cap.Scope);

    /// <summary>The index of <paramref name="entries"/>, all of them, by what <paramref name="scopeOf"/> says of each.</summary>
    public static CapIndex<T> Build<T>(IEnumerable<T> entries, Func<T, CapScope> scopeOf) => new(entries, scopeOf);
}

/// <summary>
/// Finds the entries whose scope matches a call's labels among thousands, in at most seven look-ups and without allocating. Immutable: a
/// change of caps makes a new index, in time linear in their number. Safe to read from any thread.
/// </summary>
public sealed class CapIndex<T>
{
    private readonly T[] _global;
    private readonly Dictionary<string, T[]> _byProvider;
    private readonly Dictionary<string, T[]> _byModel;
    private readonly Dictionary<string, T[]> _byAgent;
    private readonly Dictionary<string, CustomerEntries> _byCustomer;

    internal CapIndex(IEnumerable<T> entries, Func<T, CapScope> scopeOf)
    {
        var byType = entries.Select(entry => (Entry: entry, Scope: scopeOf(entry))).ToLookup(pair => pair.Scope.Type);
        _global = [.. byType[CapType.Global].Select(pair => pair.Entry)];
        _byProvider = ByTarget(byType[CapType.Provider]);
        _byModel = ByTarget(byType[CapType.Model]);
        _byAgent = ByTarget(byType[CapType.Agent]);
        _byCustomer = byType[CapType.Customer]
            .GroupBy(pair => pair.Scope.Target, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, CustomerEntries.From, StringComparer.Ordinal);
        Count = byType.Sum(group => group.Count());
    }

    /// <summary>How many entries the index holds.</summary>
    public int Count { get; }

    /// <summary>The matching entries, in a fixed order: global, provider, model, agent, customer, customer's provider, customer's model.</summary>
    public CapMatches<T> Match(in CallLabels labels)
    {
        var matches = new CapMatches<T>();
        matches.Add(_global);
        matches.Add(Find(_byProvider, labels.Provider));
        matches.Add(Find(_byModel, labels.Model));
        matches.Add(Find(_byAgent, labels.Agent));
        if (_byCustomer.Count > 0 && !string.IsNullOrEmpty(labels.CustomerId)
            && _byCustomer.TryGetValue(labels.CustomerId, out var customer))
        {
            matches.Add(customer.Whole);
            matches.Add(Find(customer.ByProvider, labels.Provider));
            matches.Add(Find(customer.ByModel, labels.Model));
        }

        return matches;
    }

    private static T[]? Find(Dictionary<string, T[]> entries, string label) =>
        entries.Count > 0 && !string.IsNullOrEmpty(label) ? entries.GetValueOrDefault(label) : null;

    private static Dictionary<string, T[]> ByTarget(IEnumerable<(T Entry, CapScope Scope)> pairs) => Group(pairs, scope => scope.Target);

    private static Dictionary<string, T[]> Group(IEnumerable<(T Entry, CapScope Scope)> pairs, Func<CapScope, string> key) =>
        pairs.GroupBy(pair => key(pair.Scope), pair => pair.Entry, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    private sealed record CustomerEntries(T[] Whole, Dictionary<string, T[]> ByProvider, Dictionary<string, T[]> ByModel)
    {
        public static CustomerEntries From(IEnumerable<(T Entry, CapScope Scope)> pairs)
        {
            var bySubScope = pairs.ToLookup(pair => pair.Scope.SubScope);
            return new CustomerEntries(
                [.. bySubScope[CapSubScope.None].Select(pair => pair.Entry)],
                Group(bySubScope[CapSubScope.Provider], scope => scope.SubTarget),
                Group(bySubScope[CapSubScope.Model], scope => scope.SubTarget));
        }
    }
}
