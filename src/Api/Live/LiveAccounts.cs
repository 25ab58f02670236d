using System.Diagnostics.CodeAnalysis;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Orleans;

namespace LlmObserve.Api.Live;

/// <summary>A stream, or why there is none.</summary>
internal readonly record struct LivePlace(LiveStream? Stream, Problem? Refusal);

/// <summary>The accounts that have streams in this process.</summary>
internal sealed class LiveAccounts(GrainCalls calls, IGrainFactory grains, TimeProvider time, LiveMetrics metrics, ILogger<LiveAccounts> log)
{
    private static readonly Problem s_accountFull = Problems.TooManyRequests(
        $"The account has {LiveLimits.MaxStreamsPerAccount} streams open; close one first.", ShedReasons.Streams) with
    {
        RetryAfterSeconds = LiveLimits.FullRetryAfterSeconds,
    };

    private static readonly Problem s_full = Problems.Unavailable("The server has as many streams open as it can; try again later.", ShedReasons.Streams) with
    {
        RetryAfterSeconds = LiveLimits.FullRetryAfterSeconds,
    };

    private readonly Lock _turn = new();
    private readonly Dictionary<string, LiveAccount> _accounts = new(StringComparer.Ordinal);
    private int _users;

    /// <summary>What this process watches of an account; null where it has no stream.</summary>
    public LiveAccount? Find(string key)
    {
        lock (_turn)
        {
            return _accounts.GetValueOrDefault(key);
        }
    }

    /// <summary>The first stream of an account makes this process watch it. <see cref="Close"/> ends what this opened.</summary>
    public async Task<LivePlace> OpenAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!TryEnter(caller.AccountKey, out var account, out var refusal))
        {
            return new LivePlace(null, refusal);
        }

        LiveStream? stream = null;
        try
        {
            stream = await account.OpenAsync(cancellationToken);
            return stream is null ? new LivePlace(null, s_full) : new LivePlace(stream, null);
        }
        finally
        {
            if (stream is null)
            {
                Leave(caller.AccountKey, account);
            }
            else
            {
                metrics.Opened();
            }
        }
    }

    /// <summary>The last stream of an account ends its watch.</summary>
    public void Close(Caller caller, LiveStream stream)
    {
        metrics.Closed();
        stream.Account.Close(stream);
        Leave(caller.AccountKey, stream.Account);
    }

    private bool TryEnter(string key, [NotNullWhen(true)] out LiveAccount? account, out Problem? refusal)
    {
        lock (_turn)
        {
            _accounts.TryGetValue(key, out account);
            refusal = _users >= LiveLimits.MaxStreams ? s_full : account?.Users >= LiveLimits.MaxStreamsPerAccount ? s_accountFull : null;
            if (refusal is not null)
            {
                account = null;
                return false;
            }

            if (account is null)
            {
                metrics.Watching();
                _accounts.Add(key, account = new LiveAccount(key, calls, grains, time, log));
            }

            account.Users++;
            _users++;
            return true;
        }
    }

    private void Leave(string key, LiveAccount account)
    {
        bool isLast;
        lock (_turn)
        {
            _users--;
            isLast = --account.Users == 0;
            if ((isLast || account.IsBroken) && _accounts.TryGetValue(key, out var known) && known == account)
            {
                _accounts.Remove(key);
            }
        }

        if (isLast)
        {
            metrics.Unwatched();
            account.Dispose();
        }
    }
}
