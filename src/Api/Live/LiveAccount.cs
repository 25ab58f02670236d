using LlmObserve.Api.Http;
using LlmObserve.Grains.Interfaces.Accounts;
using Orleans;

namespace LlmObserve.Api.Live;

/// <summary>
/// One account that this process watches for all its streams of it: one observer, however many read. Watches from its first stream to its last, and
/// renews the watch, so that it also hears of an account that was made anew elsewhere.
/// </summary>
internal sealed partial class LiveAccount : IAccountObserver, IDisposable
{
    private readonly string _key;
    private readonly GrainCalls _calls;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationToken _ended;
    private readonly Lock _turn = new();
    private readonly HashSet<LiveStream> _streams = [];
    private readonly Lazy<Task<AccountChange?>> _first;

    // The grain's reference holds this object only weakly: whoever holds this one keeps both.
    private readonly IAccountObserver _reference;
    private AccountChange? _newest;
    private Task _renewing = Task.CompletedTask;

    public LiveAccount(string key, GrainCalls calls, IGrainFactory grains, TimeProvider time, ILogger log)
    {
        (_key, _calls, _grains, _time, _log) = (key, calls, grains, time, log);
        _ended = _end.Token;
        _reference = grains.CreateObjectReference<IAccountObserver>(this);
        _first = new Lazy<Task<AccountChange?>>(BeginAsync);
    }

    /// <summary>Those that wait for a stream, and those that have one. Counted by <see cref="LiveAccounts"/>, under its lock.</summary>
    public int Users { get; set; }

    /// <summary>The account could not be watched: whoever comes next must begin anew.</summary>
    public bool IsBroken => _first is { IsValueCreated: true, Value.IsCompleted: true } && _first.Value is { IsCompletedSuccessfully: false } or { Result: null };

    /// <summary>A stream from where the account stands now; null where too many processes watch it.</summary>
    public async Task<LiveStream?> OpenAsync(CancellationToken cancellationToken)
    {
        if (await _first.Value.WaitAsync(cancellationToken) is null)
        {
            return null;
        }

        lock (_turn)
        {
            var stream = new LiveStream(this, _newest!);
            _streams.Add(stream);
            return stream;
        }
    }

    public void Close(LiveStream stream)
    {
        lock (_turn)
        {
            _streams.Remove(stream);
        }
    }

    public Task ChangedAsync(AccountChange change)
    {
        Publish(change);
        return Task.CompletedTask;
    }

    /// <summary>Ends the watch, beside whoever asks for it: a stream that ends waits for no grain.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _ = EndAsync();
    }

    private async Task<AccountChange?> BeginAsync()
    {
        var start = await WatchAsync();
        if (start is not null)
        {
            Publish(start);
            _renewing = RenewAsync();
        }

        return start;
    }

    private async Task EndAsync()
    {
        await ((Task)_first.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _renewing;
        try
        {
            await _grains.GetGrain<IAccountGrain>(_key).UnwatchAsync(_reference);
            _grains.DeleteObjectReference<IAccountObserver>(_reference);
        }
        catch (Exception e) // A boundary, and a courtesy: nobody awaits this, and whatever keeps it from arriving, the watch ends by itself.
        {
            LogUnwatchFailed(_log, e);
        }
    }

    private async Task RenewAsync()
    {
        var pause = AccountWatch.RenewEvery;
        while (true)
        {
            await Task.Delay(pause, _time, _ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested)
            {
                return;
            }

            try
            {
                // Of one that did not know us, all may have changed meanwhile; of one that did, we have heard everything.
                var stand = await WatchAsync();
                if (stand is { What: not AccountChanges.None })
                {
                    Publish(stand);
                }

                pause = stand is null ? LiveLimits.RewatchAfter : AccountWatch.RenewEvery;
            }
            catch (Exception e) // A boundary: nobody awaits this. Whatever is wrong with the account now, the streams live on, and it is tried again.
            {
                LogRewatch(_log, e);
                pause = LiveLimits.RewatchAfter;
            }
        }
    }

    private Task<AccountChange?> WatchAsync() =>
        _calls.RepeatAsync<IAccountGrain, AccountChange?>(_key, account => account.WatchAsync(_reference));

    private void Publish(AccountChange change)
    {
        lock (_turn)
        {
            // The answer to a watch and a message may pass each other on the way: the totals never go back.
            _newest = _newest is { } newest && IsLater(newest, change) ? newest with { What = change.What } : change;
            var message = new LiveMessage(_newest);
            foreach (var stream in _streams)
            {
                stream.Put(message);
            }
        }
    }

    private static bool IsLater(AccountChange one, AccountChange other) =>
        one.Position.IsAfter(other.Position) || (one.Position == other.Position && one.At > other.At);

    [LoggerMessage(LogLevel.Debug, "A watch of an account could not be renewed and is tried again")]
    private static partial void LogRewatch(ILogger logger, Exception error);

    [LoggerMessage(LogLevel.Debug, "A watch of an account could not be ended and runs out")]
    private static partial void LogUnwatchFailed(ILogger logger, Exception error);
}
