using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Web.Formats;

namespace LlmObserve.Web.Tests.Formats;

public sealed class ShowTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 21, 14, 3, 5, 120, TimeSpan.Zero);

    [Theory]
    [InlineData("0", "$0.00")]
    [InlineData("0.000000001", "$0.000000001")]
    [InlineData("0.000012", "$0.000012")]
    [InlineData("0.000012345", "$0.0000123")]
    [InlineData("0.0123", "$0.0123")]
    [InlineData("0.5", "$0.50")]
    [InlineData("0.12345", "$0.123")]
    [InlineData("0.00999995", "$0.01")]
    [InlineData("0.99999", "$1.00")]
    [InlineData("1", "$1.00")]
    [InlineData("1.005000001", "$1.01")]
    [InlineData("1234.56", "$1,234.56")]
    [InlineData("1234567.891", "$1,234,567.89")]
    [InlineData("-3.5", "−$3.50")]
    [InlineData("-0.000012", "−$0.000012")]
    public void Money_Amount_ShowsTheDigitsThatSaySomething(string amount, string shown) => Assert.Equal(shown, Show.Money(Usd.Parse(amount)));

    [Theory]
    [InlineData("0", "$0")]
    [InlineData("0.001", "$0.001")]
    [InlineData("0.0005", "$0.0005")]
    [InlineData("1", "$1")]
    [InlineData("1.5", "$1.50")]
    [InlineData("1000", "$1,000")]
    [InlineData("12345", "$12.35k")]
    [InlineData("-12345", "−$12.35k")]
    [InlineData("2500000", "$2.5M")]
    public void ShortMoney_LineOfAnAxis_IsShortAndStillItsAmount(string amount, string shown) =>
        Assert.Equal(shown, Show.ShortMoney(Usd.Parse(amount)));

    [Fact]
    public void Exact_LargestAmount_HasEveryDigit() => Assert.Equal("9223372036.854775807", Show.Exact(Usd.MaxValue));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(9_999, "9,999")]
    [InlineData(10_000, "10k")]
    [InlineData(12_345, "12.35k")]
    [InlineData(123_456, "123.5k")]
    [InlineData(4_567_890, "4.57M")]
    [InlineData(1_234_567_890, "1.23B")]
    [InlineData(-12_345, "-12.35k")]
    public void Count_Number_IsShortWhereItIsLong(long count, string shown) => Assert.Equal(shown, Show.Count(count));

    [Fact]
    public void Duration_Unknown_IsADash() => Assert.Equal(Show.Nothing, Show.Duration(null));

    [Theory]
    [InlineData("0", "0 ms")]
    [InlineData("85.4", "85 ms")]
    [InlineData("999", "999 ms")]
    [InlineData("999.6", "1 s")]
    [InlineData("1240", "1.24 s")]
    [InlineData("59994", "59.99 s")]
    [InlineData("59996", "1 min 0 s")]
    [InlineData("125000", "2 min 5 s")]
    [InlineData("3599400", "59 min 59 s")]
    [InlineData("3599600", "1 h 0 min")]
    [InlineData("12000000", "3 h 20 min")]
    [InlineData("604800000", "168 h 0 min")]
    public void Duration_Milliseconds_ShowsTwoUnitsAtMost(string milliseconds, string shown) =>
        Assert.Equal(shown, Show.Duration(decimal.Parse(milliseconds)));

    [Theory]
    [InlineData("0", "0 %")]
    [InlineData("0.05", "< 0.1 %")]
    [InlineData("0.4", "0.4 %")]
    [InlineData("9.96", "10 %")]
    [InlineData("25.4", "25 %")]
    [InlineData("1234.5", "1,235 %")]
    public void Percent_Value_IsAsExactAsItNeedsToBe(string percent, string shown) => Assert.Equal(shown, Show.Percent(decimal.Parse(percent)));

    [Fact]
    public void Share_OfNothing_IsADash() => Assert.Equal(Show.Nothing, Show.Share(0, 0));

    [Fact]
    public void Instant_InAZone_IsByItsClock() =>
        Assert.Equal("21 Nov 2026, 19:33:05.120", Show.Instant(s_at, AccountZone.Parse("Asia/Kolkata")));

    [Fact]
    public void Window_WholeDays_NamesTheLastDayNotTheOneAfterIt()
    {
        var zone = AccountZone.Parse("America/New_York");
        var from = zone.DayStart(s_at);

        Assert.Equal("21 Nov 2026", Show.Window(from, from.AddDays(1), zone));
        Assert.Equal("21 Nov 2026 to 22 Nov 2026", Show.Window(from, from.AddDays(2), zone));
        Assert.Equal("21 Nov, 00:00 to 21 Nov, 03:00", Show.Window(from, from.AddHours(3), zone));
    }
}
