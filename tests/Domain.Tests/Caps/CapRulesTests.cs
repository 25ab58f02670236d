using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapRulesTests
{
    [Fact]
    public void ToWire_EveryValue_ParsesBack()
    {
        Assert.All(Enum.GetValues<CapType>(), type => Assert.True(CapWords.TryParseType(type.ToWire(), out var same) && same == type));
        Assert.All(Enum.GetValues<CapSubScope>(), sub => Assert.True(CapWords.TryParseSubScope(sub.ToWire(), out var same) && same == sub));
        Assert.All(Enum.GetValues<CapPeriod>(), period => Assert.True(CapWords.TryParsePeriod(period.ToWire(), out var same) && same == period));
        Assert.All(Enum.GetValues<CapEnforcement>(), e => Assert.True(CapWords.TryParseEnforcement(e.ToWire(), out var same) && same == e));
        Assert.Equal("hard_block", CapEnforcement.HardBlock.ToWire());
        Assert.Null(CapSubScope.None.ToWire());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hourly")]
    [InlineData("Daily")]
    [InlineData("0")]
    public void TryParse_UnknownWord_IsFalse(string? word)
    {
        Assert.False(CapWords.TryParseType(word, out _));
        Assert.False(CapWords.TryParsePeriod(word, out _));
        Assert.False(CapWords.TryParseEnforcement(word, out _));
        Assert.Equal(string.IsNullOrEmpty(word), CapWords.TryParseSubScope(word, out _));
    }

    [Theory]
    [InlineData(null, "0.8,1")]
    [InlineData("0.5", "0.5,1")]
    [InlineData("1", "1")]
    [InlineData("1.000", "1")]
    [InlineData("0.80", "0.8,1")]
    [InlineData("0.0001", "0.0001,1")]
    public void FromAlertThreshold_InRange_EndsWithTheLimit(string? threshold, string expected)
    {
        var faults = new List<Fault>();
        var thresholds = CapThresholds.FromAlertThreshold(threshold is null ? null : decimal.Parse(threshold), faults);
        Assert.Empty(faults);
        Assert.Equal(expected, string.Join(',', thresholds));
        Assert.Equal(thresholds[0], CapThresholds.ToAlertThreshold(thresholds));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.5")]
    [InlineData("1.0001")]
    [InlineData("80")]
    public void FromAlertThreshold_OutOfRange_IsAFault(string threshold)
    {
        var faults = new List<Fault>();
        CapThresholds.FromAlertThreshold(decimal.Parse(threshold), faults);
        var fault = Assert.Single(faults);
        Assert.Equal(("alert_threshold", FaultCodes.OutOfRange), (fault.Path, fault.Code));
    }

    [Fact]
    public void From_Fractions_AreOrderedAndDistinct()
    {
        Assert.Equal(new[] { 0.5m, 0.8m, 0.9m, 1m }, CapThresholds.From([0.9m, 0.5m, 0.8m, 0.80m, 1.0m]));
        Assert.Equal(new[] { 1m }, CapThresholds.From([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapThresholds.From([0m]));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapThresholds.From([1.1m]));
    }

    [Theory]
    [InlineData("10.50", null)]
    [InlineData("0.000000001", null)]
    [InlineData("1.5e3", null)]
    [InlineData("1.1000000000000", null)]
    [InlineData("0", FaultCodes.NotPositive)]
    [InlineData("-5", FaultCodes.NotPositive)]
    [InlineData("0.0000000001", FaultCodes.TooPrecise)]
    [InlineData("1e10", FaultCodes.OutOfRange)]
    [InlineData("ten", FaultCodes.Malformed)]
    public void ValidateLimit_Text_IsRefusedWithItsReason(string text, string? expected)
    {
        var faults = new List<Fault>();
        var limit = CapLimit.Validate(Usd.ReadExact(text, out var amount), amount, faults);
        Assert.Equal(expected, faults.SingleOrDefault()?.Code);
        Assert.Equal(expected is null ? amount : null, limit);
    }
}
