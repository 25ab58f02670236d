using System.Collections.Concurrent;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// What names resolve to, bounded: clients choose the names. Two generations: when the young one is full it becomes the old one and the
/// old one is dropped, so that names in use stay and a flood of new names costs time, never memory. A hit does not allocate.
/// </summary>
internal sealed class NameCache<T>
    where T : class
{
    /// <summary>An account uses tens of model names; this is room for thousands of accounts, in a few megabytes.</summary>
    public const int MaxNames = 8_192;

    /// <summary>Longer names are no model's name; they are resolved each time instead of being kept.</summary>
    public const int MaxNameLength = 256;

    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<(string Provider, string Model), T> _young = New();
    private volatile ConcurrentDictionary<(string Provider, string Model), T> _old = New();
    private int _youngCount;

    /// <summary>How many names are held; at most twice <see cref="MaxNames"/>.</summary>
    public int Count => _young.Count + _old.Count;

    public T GetOrAdd<TState>(string provider, string model, TState state, Func<TState, string, string, T> resolve)
    {
        var key = (provider, model);
        if (_young.TryGetValue(key, out var found))
        {
            return found;
        }

        found = _old.TryGetValue(key, out var older) ? older : resolve(state, provider, model);
        if (provider.Length <= MaxNameLength && model.Length <= MaxNameLength)
        {
            Keep(key, found);
        }

        return found;
    }

    private static ConcurrentDictionary<(string Provider, string Model), T> New() => new(NamePairComparer.Instance);

    private void Keep((string Provider, string Model) key, T value)
    {
        lock (_turn)
        {
            if (_youngCount >= MaxNames)
            {
                _old = _young;
                _young = New();
                _youngCount = 0;
            }

            if (_young.TryAdd(key, value))
            {
                _youngCount++;
            }
        }
    }
}
