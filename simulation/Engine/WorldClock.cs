namespace LlmObserve.Simulation.Engine;

/// <summary>Time as the world has it: what really passes, and a wall clock that somebody may set.</summary>
internal sealed class WorldClock(DateTimeOffset start)
{
    private TimeSpan _step;

    public TimeSpan Passed { get; private set; }

    public DateTimeOffset Wall => start + Passed + _step;

    public void Pass(TimeSpan time) => Passed += time;

    /// <summary>Sets the wall clock ahead or back; nothing passes.</summary>
    public void Step(TimeSpan by) => _step += by;

    /// <summary>The clock of one machine, which is a little ahead.</summary>
    public TimeProvider Machine(TimeSpan ahead) => new MachineClock(this, ahead);

    private sealed class MachineClock(WorldClock world, TimeSpan ahead) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => world.Wall + ahead;

        public override long GetTimestamp() => world.Passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            throw new NotSupportedException("an account asks for no timers of its own");
    }
}
