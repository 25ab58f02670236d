using LlmObserve.Domain.Periods;
using LlmObserve.Web.Filters;

namespace LlmObserve.Web.Tests.Filters;

public sealed class PageRangeTests
{
    // Half past nine in the morning of a Tuesday in New York, two days after the clocks went back there.
    private static readonly DateTimeOffset s_now = new(2026, 11, 3, 14, 30, 0, TimeSpan.Zero);
    private static readonly AccountZone s_newYork = AccountZone.Parse("America/New_York");

    [Theory]
    [InlineData("1h", "2026-11-03T13:30:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("24h", "2026-11-02T14:30:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("today", "2026-11-03T05:00:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("7d", "2026-10-28T04:00:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("week", "2026-11-02T05:00:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("30d", "2026-10-05T04:00:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("month", "2026-11-01T04:00:00Z", "2026-11-04T05:00:00Z")]
    [InlineData("last-month", "2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z")]
    [InlineData("90d", "2026-08-06T04:00:00Z", "2026-11-04T05:00:00Z")]
    public void Window_OfAWord_BeginsAndEndsWhereTheZoneSays(string word, string from, string to) =>
        Assert.Equal((At(from), At(to)), new PageRange(word).Window(s_newYork, s_now));

    [Fact]
    public void Window_Custom_HasItsLastDayWhole()
    {
        var range = PageRange.Read("custom", "2026-10-31", "2026-11-01");

        // The second day has 25 hours.
        Assert.Equal((At("2026-10-31T04:00:00Z"), At("2026-11-02T05:00:00Z")), range.Window(s_newYork, s_now));
    }

    [Fact]
    public void Words_Each_ReadsAsItself() => Assert.All(
        PageRange.Words.Where(word => word.Word != PageRange.Custom), word => Assert.Equal(word.Word, PageRange.Read(word.Word, null, null).Word));

    [Fact]
    public void Read_DatesTheWrongWayRound_TurnsThem() =>
        Assert.Equal(PageRange.Read("custom", "2026-11-01", "2026-11-21"), PageRange.Read("custom", "2026-11-21", "2026-11-01"));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("forever", null, null)]
    [InlineData("7D", null, null)]
    [InlineData("custom", null, "2026-11-21")]
    [InlineData("custom", "2026-02-30", "2026-11-21")]
    [InlineData("custom", "1.11.2026", "2026-11-21")]
    [InlineData("custom", "0001-01-01", "2026-11-21")]
    [InlineData("custom", "2026-11-01", "9999-12-31")]
    public void Read_WhatNobodyCouldHaveChosen_IsTheDefault(string? word, string? from, string? to) =>
        Assert.Equal(PageRange.Default, PageRange.Read(word, from, to));

    [Fact]
    public void Window_EveryWord_IsNoLongerThanTheApiTakes() => Assert.All(
        PageRange.Words.Where(word => word.Word != PageRange.Custom),
        word =>
        {
            var (from, to) = new PageRange(word.Word).Window(s_newYork, s_now);
            Assert.InRange(to - from, TimeSpan.FromHours(1), TimeSpan.FromDays(92));
        });

    [Theory]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Pacific/Niue")]
    public void Window_FromTheFirstDayToTheLast_IsOneEverywhere(string zone)
    {
        var (from, to) = PageRange.Read("custom", "1970-01-02", "2999-12-31").Window(AccountZone.Parse(zone), s_now);

        Assert.True(from < to);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);
}
