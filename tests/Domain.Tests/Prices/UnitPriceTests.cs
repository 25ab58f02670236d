using System.Text.Json;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class UnitPriceTests
{
    [Theory]
    [InlineData("2.5", 1)]
    [InlineData("0.006", 60)]
    [InlineData("0.24", 1_000)]
    [InlineData("1", 3_600)]
    [InlineData("16", 1_000_000)]
    [InlineData("0.08333333333333334", 1_000_000)]
    [InlineData("0.000000000000000001", 1)]
    [InlineData("1000000", 1)]
    public void TryCreate_PriceThatFits_KeepsEveryDigit(string usd, int per)
    {
        Assert.True(UnitPrice.TryCreate(decimal.Parse(usd), per, out var price, out _));
        Assert.Equal((decimal.Parse(usd), per), (price.Usd, price.Per));
    }

    [Theory]
    [InlineData("-0.1", 1)]
    [InlineData("1000000.01", 1)]
    [InlineData("0.0000000000000000001", 1)]
    [InlineData("1", 0)]
    [InlineData("1", -60)]
    [InlineData("1", 7)]
    [InlineData("1", 2_000_000)]
    public void TryCreate_PriceThatDoesNotFit_SaysWhy(string usd, int per)
    {
        Assert.False(UnitPrice.TryCreate(decimal.Parse(usd), per, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("0.18000000000000002", "0.18000000000000002")]
    [InlineData("8e-8", "0.00000008")]
    [InlineData("1.50E+2", "150")]
    [InlineData("2.500", "2.5")]
    [InlineData("-0.25", "-0.25")]
    [InlineData("0e40", "0")]
    [InlineData("100000000000000000000000000", "100000000000000000000000000")]
    public void PriceNumber_Number_IsReadExactly(string json, string expected)
    {
        Assert.True(PriceNumber.TryRead(JsonDocument.Parse(json).RootElement, out var value, out _));
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("1e41")]
    [InlineData("1e-41")]
    [InlineData("1e2147483648")]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("10000000000000000000000000000")]
    [InlineData("0.1111111111111111111111111111111111111111111111111111111111111111")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    public void PriceNumber_NotExactlyADecimal_IsRefused(string json)
    {
        Assert.False(PriceNumber.TryRead(JsonDocument.Parse(json).RootElement, out _, out var fault));
        Assert.NotEmpty(fault);
    }
}
