namespace LlmObserve.Domain.Prices;

/// <summary>
/// Finds the entries that cover a name. Nearly every rule lists whole names, which a dictionary answers; only the others are tried one by
/// one. A name that nobody knows costs microseconds, so that a flood of them is no way to stop the server.
/// </summary>
internal sealed class RuleIndex
{
    private readonly PriceEntry[] _entries;
    private readonly Dictionary<string, List<int>> _byWholeName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, PriceEntry> _byModel = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<int> _others = [];

    /// <param name="entries">In book order; those without a rule are passed over.</param>
    public RuleIndex(IEnumerable<PriceEntry> entries)
    {
        _entries = [.. entries.Where(entry => entry.Match is not null)];
        for (var i = 0; i < _entries.Length; i++)
        {
            _byModel.TryAdd(_entries[i].Model, _entries[i]);
            if (!AddWholeNames(_entries[i].Match!, i))
            {
                _others.Add(i);
            }
        }
    }

    /// <summary>In book order.</summary>
    public PriceEntry[] Covering(string name)
    {
        var found = new List<int>(_byWholeName.GetValueOrDefault(name) ?? []);
        foreach (var i in _others)
        {
            if (_entries[i].Match!.Matches(name))
            {
                found.Add(i);
            }
        }

        return found.Count == 0 ? [] : [.. found.Distinct().Order().Select(i => _entries[i])];
    }

    /// <summary>The entry whose model is the name itself, though its rule does not say so.</summary>
    public PriceEntry? Named(string name) => _byModel.GetValueOrDefault(name);

    /// <summary>False where a part of the rule is no whole name.</summary>
    private bool AddWholeNames(MatchRule rule, int index)
    {
        if (rule.Kind == MatchKind.Or)
        {
            var all = true;
            foreach (var part in rule.Parts)
            {
                all &= AddWholeNames(part, index);
            }

            return all;
        }

        if (rule.Kind != MatchKind.Equals)
        {
            return false;
        }

        if (!_byWholeName.TryGetValue(rule.Text, out var entries))
        {
            _byWholeName.Add(rule.Text, entries = []);
        }

        entries.Add(index);
        return true;
    }
}
