using LlmObserve.Web.Formats;

namespace LlmObserve.Web.Tests.Formats;

public sealed class TypedNumberTests
{
    [Theory]
    [InlineData("12.5", "12.5")]
    [InlineData(" $1,234.50 ", "1234.50")]
    [InlineData("1,234,567", "1234567")]
    [InlineData(".5", "0.5")]
    [InlineData("-3", "-3")]
    public void ToJson_ANumber_IsThatNumber(string typed, string number) => Assert.Equal(number, TypedNumber.ToJson(typed)!.ToJsonString());

    [Theory]
    [InlineData("0,5")]
    [InlineData("49,99")]
    [InlineData("1.234,50")]
    [InlineData("1,23,456")]
    [InlineData("1e9")]
    [InlineData("$")]
    [InlineData(".")]
    [InlineData("abc")]
    [InlineData("99999999999999999999999999999999")]
    public void ToJson_WhatCouldMeanAnotherNumber_StaysText(string typed) => Assert.Equal(typed, TypedNumber.ToJson(typed)!.GetValue<string>());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void ToJson_Nothing_IsNull(string? typed) => Assert.Null(TypedNumber.ToJson(typed));

    [Fact]
    public void ToJson_Percents_AreHundredths() => Assert.Equal(0.8m, TypedNumber.ToJson("80", 0.01m)!.GetValue<decimal>());
}
