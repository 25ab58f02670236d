namespace LlmObserve.Grains.Tests.Engines;

/// <summary>
/// Tells the test's time, and counts and waits by the system's. A silo takes the same <see cref="TimeProvider"/> as the grains for all that it
/// does by itself: on a clock that stands still it would not join, and one that leaps would run hours of probes at once.
/// </summary>
internal sealed class DateOfTheTest(TimeProvider clock) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
}
