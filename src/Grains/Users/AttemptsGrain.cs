using LlmObserve.Grains.Interfaces.Users;
using Orleans;

namespace LlmObserve.Grains.Users;

/// <inheritdoc cref="IAttemptsGrain"/>
internal sealed class AttemptsGrain(TimeProvider clock, GrainMetrics metrics) : Grain, IAttemptsGrain
{
    /// <summary>A process that died does not say what became of its attempts: after this they take no place any more.</summary>
    private static readonly TimeSpan s_longestAttempt = TimeSpan.FromMinutes(1);

    /// <summary>When all places are taken by attempts that run: each takes a fraction of a second.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    private readonly Queue<long> _counted = new();
    private readonly Queue<long> _running = new();
    private AttemptRule? _rule;
    private TimeSpan _lock;
    private long _lockedAt;
    private int _locks;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        metrics.Activated("attempts");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("attempts");
        return Task.CompletedTask;
    }

    public Task<AttemptAnswer> BeginAsync(AttemptRule rule) => Task.FromResult(Ask(rule, now => _running.Enqueue(now)));

    public Task<AttemptAnswer> TakeAsync(AttemptRule rule) => Task.FromResult(Ask(rule, Count));

    public Task EndAsync(AttemptEnd end)
    {
        _running.TryDequeue(out _);
        if (end == AttemptEnd.Failed && _rule is not null)
        {
            Count(clock.GetTimestamp());
        }
        else if (end == AttemptEnd.Succeeded)
        {
            Forget();
        }

        LeaveIfNothingIsKept();
        return Task.CompletedTask;
    }

    public Task ClearAsync()
    {
        Forget();
        LeaveIfNothingIsKept();
        return Task.CompletedTask;
    }

    private AttemptAnswer Ask(AttemptRule rule, Action<long> take)
    {
        _rule = rule;
        var now = clock.GetTimestamp();
        Drop(_counted, rule.Window, now);
        Drop(_running, s_longestAttempt, now);
        if (_lock - clock.GetElapsedTime(_lockedAt, now) is var left && left > TimeSpan.Zero)
        {
            return new AttemptAnswer(false, left);
        }

        _lock = TimeSpan.Zero;
        if (_counted.Count >= rule.Limit)
        {
            return new AttemptAnswer(false, rule.Window - clock.GetElapsedTime(_counted.Peek(), now));
        }

        if (_counted.Count + _running.Count >= rule.Limit)
        {
            return new AttemptAnswer(false, s_soon);
        }

        take(now);
        return new AttemptAnswer(true, TimeSpan.Zero);
    }

    private void Count(long now)
    {
        _counted.Enqueue(now);
        var keep = _rule!.Window;
        if (_rule.Lock > TimeSpan.Zero && _counted.Count >= _rule.Limit)
        {
            // What led to this lock does not lead to the next.
            _counted.Clear();
            var doubled = _rule.Lock * Math.Pow(2, Math.Min(_locks++, 16));
            _lock = doubled < _rule.LongestLock ? doubled : _rule.LongestLock;
            _lockedAt = now;
            keep += _lock;
        }

        // Who comes back after the lock finds it longer the next time: for one more window it is remembered.
        DelayDeactivation(keep);
    }

    private void Forget()
    {
        _counted.Clear();
        _lock = TimeSpan.Zero;
        _locks = 0;
    }

    /// <summary>A flood of addresses leaves no more in memory than there are wrong passwords.</summary>
    private void LeaveIfNothingIsKept()
    {
        if (_counted.Count == 0 && _running.Count == 0 && _locks == 0)
        {
            DeactivateOnIdle();
        }
    }

    private void Drop(Queue<long> times, TimeSpan after, long now)
    {
        while (times.TryPeek(out var first) && clock.GetElapsedTime(first, now) >= after)
        {
            times.Dequeue();
        }
    }
}
