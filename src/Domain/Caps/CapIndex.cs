using System.Runtime.InteropServices;

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
    // Lists that are never touched again once the constructor is done.
    private readonly List<T> _global = [];
    private readonly Dictionary<string, List<T>> _byProvider = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<T>> _byModel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<T>> _byAgent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CustomerEntries> _byCustomer = new(StringComparer.Ordinal);

    internal CapIndex(IEnumerable<T> entries, Func<T, CapScope> scopeOf)
    {
        foreach (var entry in entries)
        {
            GroupOf(scopeOf(entry)).Add(entry);
            Count++;
        }
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

    private static List<T>? Find(Dictionary<string, List<T>>? groups, string label) =>
        groups is { Count: > 0 } && !string.IsNullOrEmpty(label) ? groups.GetValueOrDefault(label) : null;

    private static List<T> In(Dictionary<string, List<T>> groups, string target) =>
        CollectionsMarshal.GetValueRefOrAddDefault(groups, target, out _) ??= new List<T>(1);

    private List<T> GroupOf(in CapScope scope) => scope.Type switch
    {
        CapType.Global => _global,
        CapType.Provider => In(_byProvider, scope.Target),
        CapType.Model => In(_byModel, scope.Target),
        CapType.Agent => In(_byAgent, scope.Target),
        CapType.Customer => (CollectionsMarshal.GetValueRefOrAddDefault(_byCustomer, scope.Target, out _) ??= new()).GroupOf(scope),
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };

    private sealed class CustomerEntries
    {
        public List<T> Whole { get; } = new(1);

        // Most customers have no narrower cap: no dictionaries for them.
        public Dictionary<string, List<T>>? ByProvider { get; private set; }

        public Dictionary<string, List<T>>? ByModel { get; private set; }

        public List<T> GroupOf(in CapScope scope) => scope.SubScope switch
        {
            CapSubScope.None => Whole,
            CapSubScope.Provider => In(ByProvider ??= new(StringComparer.Ordinal), scope.SubTarget),
            CapSubScope.Model => In(ByModel ??= new(StringComparer.Ordinal), scope.SubTarget),
            _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
        };
    }
}
