using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// Those who watch an account, and what they have yet to hear. A change only leaves a note; a turn of its own tells them, so that nothing that the
/// account does waits for an observer. The first change after a quiet second is told at once, then one message a second carries all that changed.
/// Runs on the account's scheduler only.
/// </summary>
internal sealed partial class AccountWatches(AccountId account, TimeProvider clock, AccountWatches.IOwner owner, ILogger log)
{
    /// <summary>Nothing waits for less.</summary>
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<IAccountObserver, Watch> _watches = [];
    private long _toldAt;
    private bool _isPausing;
    private bool _isNoted;
    private AccountChanges _noted;

    /// <summary>What is needed from the account that is watched.</summary>
    internal interface IOwner
    {
        /// <summary>Where it stands.</summary>
        AccountChange Change(AccountChanges what);

        /// <summary><see cref="TellNext"/> is due once, after this time.</summary>
        void TellIn(TimeSpan pause);
    }

    /// <inheritdoc cref="IAccountGrain.WatchAsync"/>
    internal AccountChange? Add(IAccountObserver observer)
    {
        if (_watches.TryGetValue(observer, out var known) && !IsOver(known))
        {
            known.RenewedAt = clock.GetTimestamp();
            return owner.Change(AccountChanges.None);
        }

        DropEnded();
        if (_watches.Count >= AccountWatch.MaxObservers)
        {
            return null;
        }

        _watches[observer] = new Watch(observer) { RenewedAt = clock.GetTimestamp() };
        return owner.Change(AccountChanges.All);
    }

    internal void Remove(IAccountObserver observer) => _watches.Remove(observer);

    internal void Clear() => _watches.Clear();

    /// <summary>Something has changed, or is about to in this same turn.</summary>
    internal void Note(AccountChanges what)
    {
        // Nearly always: nobody looks.
        if (_watches.Count == 0)
        {
            return;
        }

        (_isNoted, _noted) = (true, _noted | what);
        if (!_isPausing)
        {
            _isPausing = true;
            _ = TellSoonAsync();
        }
    }

    /// <summary>The pause is over: tells what has changed in it, or is quiet until something does.</summary>
    internal void TellNext()
    {
        // A timer may be early by the milliseconds that its own clock counts in.
        var rest = AccountWatch.Pause - clock.GetElapsedTime(_toldAt);
        if (rest > TimeSpan.Zero)
        {
            _isPausing = true;
            owner.TellIn(rest < s_tick ? s_tick : rest);
            return;
        }

        _isPausing = TryTell();
    }

    private async Task TellSoonAsync()
    {
        // After the turn that changes something: all of it is in memory by then.
        await Task.Yield();
        _isPausing = TryTell();
    }

    /// <summary>Whether anybody was told: then the next may be told only after the pause.</summary>
    private bool TryTell()
    {
        DropEnded();
        var isTold = false;
        foreach (var watch in _watches.Values)
        {
            if (_isNoted)
            {
                watch.Note(_noted);
            }

            // One message under way each: an observer that is slow holds up itself, and gets the newest when it is back.
            if (watch is { IsDue: true, IsUnderWay: false })
            {
                _ = TellAsync(watch, owner.Change(watch.Take()));
                isTold = true;
            }
        }

        (_isNoted, _noted) = (false, AccountChanges.None);
        if (isTold)
        {
            _toldAt = clock.GetTimestamp();
            owner.TellIn(AccountWatch.Pause);
        }

        return isTold;
    }

    private async Task TellAsync(Watch watch, AccountChange change)
    {
        watch.IsUnderWay = true;
        try
        {
            await watch.Observer.ChangedAsync(change);
        }
        catch (Exception e) // A boundary: whatever is wrong with the observer, the account goes on without it. One that lives watches again.
        {
            LogDropped(log, e, account);
            if (_watches.TryGetValue(watch.Observer, out var current) && current == watch)
            {
                _watches.Remove(watch.Observer);
            }

            return;
        }

        watch.IsUnderWay = false;
        if (watch.IsDue && !_isPausing)
        {
            TellNext();
        }
    }

    private bool IsOver(Watch watch) => clock.GetElapsedTime(watch.RenewedAt) >= AccountWatch.Lifetime;

    private void DropEnded()
    {
        foreach (var watch in _watches.Values)
        {
            if (IsOver(watch))
            {
                // A dictionary lets go of entries while it is walked through.
                _watches.Remove(watch.Observer);
            }
        }
    }

    [LoggerMessage(15, LogLevel.Debug, "Account {Account}: an observer did not take a change and is told no more until it watches again")]
    private static partial void LogDropped(ILogger logger, Exception error, AccountId account);

    private sealed class Watch(IAccountObserver observer)
    {
        private AccountChanges _what;

        public IAccountObserver Observer => observer;

        /// <summary>By the clock's timestamps: setting the wall clock ends no watch.</summary>
        public long RenewedAt { get; set; }

        /// <summary>A message has not returned yet.</summary>
        public bool IsUnderWay { get; set; }

        /// <summary>There is something to tell.</summary>
        public bool IsDue { get; private set; }

        public void Note(AccountChanges what)
        {
            IsDue = true;
            _what |= what;
        }

        public AccountChanges Take()
        {
            var what = _what;
            (IsDue, _what) = (false, AccountChanges.None);
            return what;
        }
    }
}
