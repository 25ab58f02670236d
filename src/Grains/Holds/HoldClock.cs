namespace LlmObserve.Grains.Holds;

/// <summary>
/// The time by which holds run out: the wall clock's, except that it never goes back and never stands still. Where the wall clock steps
/// back it goes on by what really passes, so that no hold lasts longer than its caller was told; where that steps ahead it follows.
/// </summary>
internal sealed class HoldClock(TimeProvider clock)
{
    private DateTimeOffset _now = clock.GetUtcNow();
    private long _readAt = clock.GetTimestamp();

    internal DateTimeOffset Now()
    {
        var readAt = clock.GetTimestamp();
        var passed = _now + clock.GetElapsedTime(_readAt, readAt);
        var wall = clock.GetUtcNow();
        _readAt = readAt;
        return _now = wall > passed ? wall : passed;
    }
}
