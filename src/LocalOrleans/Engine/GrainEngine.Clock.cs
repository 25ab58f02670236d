namespace LlmObserve.LocalOrleans;

// One timer for the whole engine: the coarse clock, response time-outs, and the collection of idle activations.
internal sealed partial class GrainEngine
{
    // How often the clock ticks at most: a time-out comes at most this late.
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    // How often idle activations are looked for at most; a look costs some nanoseconds an activation.
    private static readonly TimeSpan LongestCollectionRound = TimeSpan.FromMinutes(1);

    // Of an age or time-out, how much of it a tick or round may be late by.
    private const int Precision = 10;

    private readonly ITimer _clock;
    private long _now;
    private long _nextCollection;
    private int _ticking;

    /// <summary>The time as of the last tick, in ticks of <see cref="TimeProvider.GetTimestamp"/>; reading it costs nothing.</summary>
    public long Now
    {
        get => Volatile.Read(ref _now);
        private set => Volatile.Write(ref _now, value);
    }

    private TimeSpan Tick => Shorter(LongestTick, Shorter(Options.ResponseTimeout, Options.CollectionAge) / Precision);

    private TimeSpan CollectionRound => Shorter(LongestCollectionRound, Options.CollectionAge / Precision);

    /// <summary>The moment that is this long from now.</summary>
    public long After(TimeSpan time) => Time.GetTimestamp() + TicksOf(time);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Time.TimestampFrequency);

    private ITimer StartClock()
    {
        _nextCollection = After(CollectionRound);
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            return Time.CreateTimer(static engine => ((GrainEngine)engine!).OnTick(), this, Tick, Tick);
        }
    }

    private void OnTick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            Now = Time.GetTimestamp();
            FailDueCalls();
            if (Now >= _nextCollection)
            {
                _nextCollection = Now + TicksOf(CollectionRound);
                CollectIdle();
            }
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void FailDueCalls()
    {
        var due = Outstanding.Due();
        if (due.Count == 0)
        {
            return;
        }

        // All chains first: once the first call of a deadlock has failed, the others no longer show it.
        var outstanding = Outstanding.Snapshot();
        var messages = due.ConvertAll(pending => TimeoutMessage(pending, outstanding));
        for (var i = 0; i < due.Count; i++)
        {
            if (due[i].TryFail(new TimeoutException(messages[i])))
            {
                Log.CallTimedOut(Logger, messages[i]);
            }
        }
    }

    private string TimeoutMessage(Pending pending, List<Pending> outstanding) =>
        $"{CallChain.NameOf(pending.Call)} did not answer within {Options.ResponseTimeout}: {CallChain.Describe(pending.Call, outstanding)}.";

    private void CollectIdle()
    {
        // A stamp of the coarse clock may be one tick older than the use it stands for.
        var slack = TicksOf(Tick);
        foreach (var grainClass in _catalog.Classes)
        {
            if (grainClass.CollectionAge is not { } age)
            {
                continue;
            }

            var limit = Now - TicksOf(age) - slack;
            foreach (var activation in grainClass.Activations)
            {
                activation.CollectIfIdle(limit, Now);
            }
        }
    }
}
