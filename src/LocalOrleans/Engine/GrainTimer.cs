using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// A grain's timer: when due it sends its activation a request, and it is armed anew when that request has ended, so that ticks never
/// pile up. All but the tick of the clock itself happens in turns of the activation.
/// </summary>
internal sealed class GrainTimer : IGrainTimer
{
    private static readonly GrainMethod Waiting = TickMethod(interleave: false);
    private static readonly GrainMethod Interleaving = TickMethod(interleave: true);

    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainMethod _method;
    private readonly bool _keepAlive;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _lock = new();
    private readonly ITimer _clock;
    private TimeSpan _due;
    private TimeSpan _period;
    private bool _ticking;
    private bool _disposed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _method = options.Interleave ? Interleaving : Waiting;
        _keepAlive = options.KeepAlive;

        // The ticks are nobody's request: they must not carry on the context of the one that made the timer.
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            _clock = activation.Class.Engine.Time.CreateTimer(
                static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfOutOfRange(dueTime, nameof(dueTime));
        ThrowIfOutOfRange(period, nameof(period));
        lock (_lock)
        {
            _due = dueTime;
            _period = period;
            if (!_ticking && !_disposed)
            {
                Arm();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _clock.Dispose();
        _activation.Forget(this);
        try
        {
            _stopped.Cancel();
        }
        catch (AggregateException exception)
        {
            // Of what the grain's code registered with the token: it must not keep the activation from ending.
            GrainEngine.Log.TickFailed(_activation.Class.Engine.Logger, exception, _activation.GrainId);
        }
    }

    private static void ThrowIfOutOfRange(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, time, "A time is zero or more, or infinite.");
        }
    }

    private static GrainMethod TickMethod(bool interleave) =>
        new(typeof(IGrainTimer), typeof(IGrainTimer).GetMethod(nameof(IGrainTimer.Change))!)
        {
            Name = "timer tick",
            AlwaysInterleave = interleave,
            OneWay = true,
        };

    // The next tick is due after _due; whatever follows it after _period.
    private void Arm()
    {
        var due = _due;
        _due = _period;
        _clock.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void OnDue()
    {
        lock (_lock)
        {
            if (_disposed || _ticking)
            {
                return;
            }

            _ticking = true;
        }

        // An activation that ends refuses it, and disposes this.
        _activation.TryAccept(new Tick(this), mayRunHere: false);
    }

    private void OnTickEnded(Task result)
    {
        if (result.IsFaulted)
        {
            var engine = _activation.Class.Engine;
            GrainEngine.Log.TickFailed(engine.Logger, result.Exception.InnerException!, _activation.GrainId);
        }

        lock (_lock)
        {
            _ticking = false;
            if (!_disposed)
            {
                Arm();
            }
        }
    }

    private sealed class Tick(GrainTimer timer) : TaskCall(timer._method)
    {
        public override bool IsLocal => true;

        public override bool KeepsAlive => timer._keepAlive;

        public override Task Invoke(object target) => timer._disposed ? Task.CompletedTask : timer._callback(timer._stopped.Token);

        public override void Refuse(GrainEngine engine, Exception reason) => timer.OnTickEnded(Task.FromException(reason));

        protected override void OnEnded(Task result) => timer.OnTickEnded(result);
    }
}
