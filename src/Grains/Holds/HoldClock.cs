namespace LlmObserve.Grains.Holds;

/// <summary>
/// A moment on both clocks. A hold is over when its time has really passed, or when the wall clock shows its expiry, whichever is first: a
/// wall clock that is set back keeps nothing for longer, and one that is set ahead is believed.
/// </summary>
/// <param name="Wall">What the wall clock shows: it may be set.</param>
/// <param name="Passed">Since the activation began: it only goes on.</param>
internal readonly record struct HoldTime(DateTimeOffset Wall, TimeSpan Passed);

/// <summary>Reads both clocks.</summary>
internal sealed class HoldClock(TimeProvider clock)
{
    private readonly long _began = clock.GetTimestamp();

    internal HoldTime Now() => new(clock.GetUtcNow(), clock.GetElapsedTime(_began));
}
