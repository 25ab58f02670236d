using System.Runtime.CompilerServices;

namespace LlmObserve.Domain.Caps;

/// <summary>The entries that match one call: up to seven groups of the index, walked in place. A value: it allocates nothing.</summary>
public struct CapMatches<T>
{
    /// <summary>Global, provider, model, agent, customer, and the customer's provider and model.</summary>
    private const int MaxGroups = 7;

    private Groups _groups;
    private int _groupCount;

    /// <summary>How many entries match.</summary>
    public int Count { get; private set; }

    public readonly Enumerator GetEnumerator() => new(this);

    /// <summary>The matching entries as an array of their own.</summary>
    public readonly T[] ToArray()
    {
        var all = new T[Count];
        var at = 0;
        foreach (var entry in this)
        {
            all[at++] = entry;
        }

        return all;
    }

    internal void Add(List<T>? group)
    {
        if (group is { Count: > 0 })
        {
            _groups[_groupCount++] = group;
            Count += group.Count;
        }
    }

    /// <summary>Walks the groups one after the other.</summary>
    public struct Enumerator
    {
        private readonly CapMatches<T> _matches;
        private List<T>? _group;
        private int _nextGroup;
        private int _at;

        internal Enumerator(in CapMatches<T> matches) => _matches = matches;

        public readonly T Current => _group![_at];

        public bool MoveNext()
        {
            if (_group is not null && ++_at < _group.Count)
            {
                return true;
            }

            if (_nextGroup == _matches._groupCount)
            {
                return false;
            }

            _group = _matches._groups[_nextGroup++];
            _at = 0;
            return true;
        }
    }

    [InlineArray(MaxGroups)]
    private struct Groups
    {
        private List<T> _first;
    }
}
