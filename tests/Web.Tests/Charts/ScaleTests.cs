using LlmObserve.Domain.Money;
using LlmObserve.Web.Components.Charts;

namespace LlmObserve.Web.Tests.Charts;

public sealed class ScaleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(999)]
    [InlineData(1_000)]
    [InlineData(1_001)]
    [InlineData(123_456_789)]
    [InlineData(4_999_999_999)]
    [InlineData(5_000_000_001)]
    [InlineData(1_000_000_000_000_000_000)]
    public void Of_Highest_StandsBelowTheTopLineWithFewRoundSteps(long highest)
    {
        var lines = Scale.Of(highest);

        var step = (lines[1] - lines[0]).Nanos;
        Assert.Equal(Usd.Zero, lines[0]);
        Assert.True(lines[^1].Nanos >= highest, $"{lines[^1]} is below");
        Assert.True(lines[^1].Nanos - highest <= step, $"{lines[^1]} is more than a step above");
        Assert.InRange(lines.Count, 2, 6);
        Assert.All(Enumerable.Range(1, lines.Count - 1), i => Assert.Equal(step, (lines[i] - lines[i - 1]).Nanos));
        Assert.Contains(step.ToString().TrimEnd('0'), new[] { "1", "2", "5" });
    }
}
