using System.Collections.Frozen;
using System.Security.Cryptography;

namespace LlmObserve.Api.Clerk;

/// <summary>What is known of a key id.</summary>
internal enum KeyLookup
{
    Found,

    /// <summary>The instance has no such key.</summary>
    Unknown,

    /// <summary>The instance does not answer, so nobody can tell.</summary>
    Unavailable,
}

/// <summary>
/// The keys of one instance, from its <c>/.well-known/jwks.json</c>. Requests wait for a fetch only where nothing is known, what is known is very
/// old, or their key is new; however many wait, one fetch is under way. While the instance does not answer, the last good keys serve.
/// </summary>
internal sealed partial class JwksCache(string issuer, HttpClient http, TimeProvider time, ILogger<JwksCache> log)
{
    /// <summary>A key that is gone is refused after this, and the fetch.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    /// <summary>Keys that nobody asked for in so long are looked after before they are trusted again.</summary>
    public static readonly TimeSpan OldAfter = TimeSpan.FromHours(6);

    /// <summary>Tokens with ids of keys that do not exist cost the instance no more than this.</summary>
    public static readonly TimeSpan RefetchPause = TimeSpan.FromSeconds(30);

    /// <summary>Where nothing is known yet, all sign-ins wait for this.</summary>
    public static readonly TimeSpan FirstFetchPause = TimeSpan.FromSeconds(2);

    /// <summary>A request waits no longer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>A key takes half a kilobyte.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly Uri _address = new($"{issuer}/.well-known/jwks.json");
    private readonly Lock _turn = new();
    private volatile Keys? _keys;
    private Task _fetching = Task.CompletedTask;
    private long? _askedAt;
    private volatile bool _lastFailed;

    /// <summary>The key of this id, as far as it can be known now.</summary>
    public async ValueTask<(KeyLookup Lookup, RSAParameters Key)> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys is { } held && time.GetElapsedTime(held.FetchedAt) is var age && age < OldAfter && held.ById.TryGetValue(keyId, out var known))
        {
            if (age >= FreshFor)
            {
                // Beside the request: it never fails.
                _ = Fetch(RefetchPause);
            }

            return (KeyLookup.Found, known);
        }

        await Fetch(_keys is null ? FirstFetchPause : RefetchPause).WaitAsync(cancellationToken);
        return _keys is { } now && now.ById.TryGetValue(keyId, out var key) ? (KeyLookup.Found, key)
            : _lastFailed ? (KeyLookup.Unavailable, default)
            : (KeyLookup.Unknown, default);
    }

    /// <summary>The fetch under way, or a new one; the last one where that began less than <paramref name="pause"/> ago. It never fails.</summary>
    private Task Fetch(TimeSpan pause)
    {
        lock (_turn)
        {
            if (!_fetching.IsCompleted || (_askedAt is { } askedAt && time.GetElapsedTime(askedAt) < pause))
            {
                return _fetching;
            }

            _askedAt = time.GetTimestamp();
            return _fetching = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Timeout, time);
            using var answer = await http.GetAsync(_address, HttpCompletionOption.ResponseContentRead, patience.Token);
            answer.EnsureSuccessStatusCode();
            var keys = JwkSet.Read(await answer.Content.ReadAsByteArrayAsync(patience.Token))
                ?? throw new HttpRequestException("The answer holds no key that signs tokens.");
            _keys = new Keys(keys, time.GetTimestamp());
            _lastFailed = false;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            _lastFailed = true;
            LogFailed(log, _address, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Address} did not give its keys: {Reason}")]
    private static partial void LogFailed(ILogger log, Uri address, string reason);

    private sealed record Keys(FrozenDictionary<string, RSAParameters> ById, long FetchedAt);
}
