using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Money;

public sealed class UsdArithmeticTests
{
    [Fact]
    public void Operators_BeyondTheRange_Throw()
    {
        Assert.Throws<OverflowException>(() => Usd.MaxValue + new Usd(1));
        Assert.Throws<OverflowException>(() => Usd.MinValue - new Usd(1));
        Assert.Throws<OverflowException>(() => -Usd.MinValue);
        Assert.Throws<OverflowException>(() => Usd.MaxValue * 2);
        Assert.Throws<OverflowException>(() => Usd.FromDollars(9_223_372_037));
        Assert.Throws<OverflowException>(() => Usd.FromDollars(9_223_372_037m));
    }

    [Fact]
    public void Sum_IntermediateBeyondTheRange_DependsOnTheResultOnly()
    {
        Assert.Equal(new Usd(7), Usd.Sum(Usd.MaxValue, Usd.MaxValue, -Usd.MaxValue, -Usd.MaxValue, new Usd(7)));
        Assert.Throws<OverflowException>(() => Usd.Sum(Usd.MaxValue, new Usd(1)));
        Assert.Throws<OverflowException>(() => Usd.Sum(new List<Usd> { Usd.MaxValue, new(1) }));
        Assert.Equal(new Usd(6), Usd.Sum(new List<Usd> { new(1), new(2), new(3) }));
        Assert.Equal(Usd.Zero, Usd.Sum());
    }

    [Theory]
    [InlineData(5, "0.5", 2)]
    [InlineData(7, "0.5", 4)]
    [InlineData(-5, "0.5", -2)]
    [InlineData(-7, "0.5", -4)]
    [InlineData(7, "-0.5", -4)]
    [InlineData(10, "0.25", 2)]
    [InlineData(10, "0.2500000000000000000000000001", 3)]
    [InlineData(14, "0.25", 4)]
    [InlineData(1_000_000_000, "0.8", 800_000_000)]
    [InlineData(long.MaxValue, "1", long.MaxValue)]
    [InlineData(long.MaxValue, "1.0000000000000000000000000000", long.MaxValue)]
    [InlineData(long.MinValue, "1", long.MinValue)]
    [InlineData(long.MaxValue, "0.0000000000000000000000000001", 0)]
    [InlineData(0, "79228162514264337593543950335", 0)]
    public void Times_Factor_RoundsOnceHalfToEven(long nanos, string factor, long expected) =>
        Assert.Equal(new Usd(expected), new Usd(nanos).Times(decimal.Parse(factor)));

    [Fact]
    public void Times_BeyondTheRange_Throws()
    {
        Assert.Throws<OverflowException>(() => Usd.MaxValue.Times(1.1m));
        Assert.Throws<OverflowException>(() => Usd.MaxValue.Times(decimal.MaxValue));
        Assert.Throws<OverflowException>(() => Usd.MinValue.Times(-1m));
    }

    [Fact]
    public void PercentOf_Whole_IsAPercentage()
    {
        Assert.Equal(80m, Usd.Parse("8").PercentOf(Usd.Parse("10")));
        Assert.Equal(250m, Usd.Parse("25").PercentOf(Usd.Parse("10")));
        Assert.Equal(0m, Usd.Parse("5").PercentOf(Usd.Zero));
        Assert.Equal(100m, Usd.MaxValue.PercentOf(Usd.MaxValue));
    }

    [Fact]
    public void FromDollars_Decimal_RoundsHalfToEven()
    {
        Assert.Equal(Usd.Parse("1.5"), Usd.FromDollars(1.5m));
        Assert.Equal(new Usd(2), Usd.FromDollars(0.0000000025m));
        Assert.Equal(new Usd(4), Usd.FromDollars(0.0000000035m));
        Assert.Equal(-9223372036.854775808m, Usd.MinValue.ToDecimal());
        Assert.Equal(Usd.MinValue, Usd.FromDollars(-9223372036.854775808m));
    }

    [Fact]
    public void Comparison_Amounts_FollowNanos()
    {
        Usd one = new(1), two = new(2);
        Assert.True(one < two && two > one && one <= two && two >= one && one != two);
        Assert.Equal(one, Usd.Min(one, two));
        Assert.Equal(two, Usd.Max(one, two));
        Assert.Equal([one, two], new[] { two, one }.Order());
    }
}
