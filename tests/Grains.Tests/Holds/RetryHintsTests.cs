using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Holds;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>When to ask again.</summary>
public sealed class RetryHintsTests
{
    [Theory]
    [InlineData(10_000, 4_000, 6_000)]
    [InlineData(10_000, 10_000, 25)]
    [InlineData(10_000, 10_007, 25)]
    public void After_HeldByACeilingOfBefore_IsItsEndAndNeverAtOnce(int untilMs, int nowMs, int expectedMs)
    {
        var cap = new CapHolds(CapId.New());
        cap.Guard(Usd.FromDollars(1), TimeSpan.FromMilliseconds(untilMs));

        var retry = new RetryHints().After(cap, Usd.FromDollars(1), TimeSpan.FromMilliseconds(nowMs));

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMs), retry);
    }
}
