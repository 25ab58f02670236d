using System.Collections.Concurrent;

namespace LlmObserve.Api.Clerk;

/// <summary>Remembers what never changes, for what is asked for: two generations of a fixed size, of which the older makes room.</summary>
internal sealed class BoundedMap<TValue>(int maxPerGeneration)
    where TValue : struct
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<string, TValue> _young = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, TValue> _old = new(StringComparer.Ordinal);

    public int Count => _young.Count + _old.Count;

    public bool TryGet(string key, out TValue value)
    {
        if (_young.TryGetValue(key, out value))
        {
            return true;
        }

        if (!_old.TryGetValue(key, out value))
        {
            return false;
        }

        Add(key, value);
        return true;
    }

    public void Add(string key, TValue value)
    {
        lock (_turn)
        {
            if (_young.Count >= maxPerGeneration)
            {
                _old = _young;
                _young = new ConcurrentDictionary<string, TValue>(StringComparer.Ordinal);
            }

            _young[key] = value;
        }
    }
}
