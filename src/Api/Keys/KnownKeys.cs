using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>What a bearer token that looks like an API key turned out to be.</summary>
internal enum KeyOutcome
{
    Known,
    Unknown,

    /// <summary>No key at all: its checksum does not fit.</summary>
    Mistyped,

    /// <summary>Too many keys that were never seen are being tried; this one was not looked at.</summary>
    Busy,
}

/// <summary>The answer to a token; <paramref name="Caller"/> is set where it is known.</summary>
internal readonly record struct KeyAnswer(KeyOutcome Outcome, Caller? Caller);

/// <summary>
/// The API keys that this node has seen lately, and what they open: asked for every request, so a hit costs one hash and one look. What is
/// answered was true at most <see cref="FreshFor"/> ago, and a key that is revoked through this node is gone at once. Unknown keys cost a
/// bounded share of memory and of the database: two generations of a fixed size, and a limit a second.
/// </summary>
/// <param name="resolve">Asks the key's grain: what the key of this hash opens, or null.</param>
/// <param name="time">Decides what is fresh.</param>
internal sealed class KnownKeys(Func<ApiKeyHash, Task<Caller?>> resolve, TimeProvider time)
{
    /// <summary>How long a revocation through another node may take to be seen here.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>A key in use is asked for anew before that, beside the requests, so that none waits.</summary>
    private static readonly TimeSpan RenewAfter = FreshFor / 2;

    /// <summary>Two generations of it take about 8 MB. Keys in use stay; what does not come back makes room.</summary>
    public const int MaxKeysPerGeneration = 16_384;

    /// <summary>
    /// Keys never seen before, a second, not counting those that proved to be good: each costs a query. People mistype few, guessing is not
    /// served faster, and after a restart all of a node's keys come back within seconds.
    /// </summary>
    public const int MaxUnknownPerSecond = 200;

    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<KeyDigest, KnownKey> _young = new();
    private volatile ConcurrentDictionary<KeyDigest, KnownKey> _old = new();
    private long _unknownSecond;
    private int _unknownInSecond;

    /// <summary>How many keys are held, known or not.</summary>
    public int Count => _young.Count + _old.Count;

    public ValueTask<KeyAnswer> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (!KeyDigest.TryCompute(token, out var digest))
        {
            return ValueTask.FromResult(new KeyAnswer(KeyOutcome.Mistyped, null));
        }

        // The good ones have been recalled before; this is one that was found to be none a moment ago.
        return _young.TryGetValue(digest, out var key) && key.TryGet(FreshFor, out var caller, out _)
            ? ValueTask.FromResult(Answer(caller))
            : FindSlowlyAsync(token, digest, cancellationToken);
    }

    /// <summary>A good key that was asked for within <see cref="FreshFor"/>. Costs one hash and one look, and nothing else.</summary>
    public bool TryRecall(string token, [NotNullWhen(true)] out Caller? caller)
    {
        caller = null;
        if (!KeyDigest.TryCompute(token, out var digest)
            || !_young.TryGetValue(digest, out var key)
            || !key.TryGet(FreshFor, out caller, out var age)
            || caller is null)
        {
            return false;
        }

        if (age > RenewAfter)
        {
            key.Renew();
        }

        return true;
    }

    /// <summary>The key was revoked or made just now: what is remembered of it is wrong.</summary>
    public void Forget(KeyDigest digest)
    {
        if (_young.TryRemove(digest, out var young))
        {
            young.Drop();
        }

        if (_old.TryRemove(digest, out var old))
        {
            old.Drop();
        }
    }

    private static KeyAnswer Answer(Caller? caller) => new(caller is null ? KeyOutcome.Unknown : KeyOutcome.Known, caller);

    private async ValueTask<KeyAnswer> FindSlowlyAsync(string token, KeyDigest digest, CancellationToken cancellationToken)
    {
        if (_young.TryGetValue(digest, out var key) || _old.TryGetValue(digest, out key))
        {
            return Answer(await Keep(digest, key).GetAsync(FreshFor, cancellationToken));
        }

        if (ApiKeyText.Read(token, out _) != ApiKeyFault.None)
        {
            return new KeyAnswer(KeyOutcome.Mistyped, null);
        }

        if (!TryCountUnknown())
        {
            return new KeyAnswer(KeyOutcome.Busy, null);
        }

        var caller = await Keep(digest, new KnownKey(digest, resolve, time)).GetAsync(FreshFor, cancellationToken);
        if (caller is not null)
        {
            TakeBackUnknown();
        }

        return Answer(caller);
    }

    private KnownKey Keep(KeyDigest digest, KnownKey key)
    {
        lock (_turn)
        {
            if (_young.TryGetValue(digest, out var kept))
            {
                return kept;
            }

            if (_young.Count >= MaxKeysPerGeneration)
            {
                _old = _young;
                _young = new ConcurrentDictionary<KeyDigest, KnownKey>();
            }

            _young[digest] = key;
            return key;
        }
    }

    /// <summary>A key that was never seen is taken for unknown until its grain says otherwise, so that a burst is bounded too.</summary>
    private bool TryCountUnknown()
    {
        lock (_turn)
        {
            var second = time.GetTimestamp() / time.TimestampFrequency;
            if (second != _unknownSecond)
            {
                _unknownSecond = second;
                _unknownInSecond = 0;
            }

            return ++_unknownInSecond <= MaxUnknownPerSecond;
        }
    }

    private void TakeBackUnknown()
    {
        lock (_turn)
        {
            _unknownInSecond--;
        }
    }
}
