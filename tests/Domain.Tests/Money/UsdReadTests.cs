using System.Text;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Money;

public sealed class UsdReadTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("0.0", 0)]
    [InlineData("-0.0e5", 0)]
    [InlineData("1", 1_000_000_000)]
    [InlineData("-1", -1_000_000_000)]
    [InlineData("0.5", 500_000_000)]
    [InlineData("12.000000001", 12_000_000_001)]
    [InlineData("1.5e-7", 150)]
    [InlineData("1.5E-7", 150)]
    [InlineData("1E+3", 1_000_000_000_000)]
    [InlineData("1e3", 1_000_000_000_000)]
    [InlineData("123e-2", 1_230_000_000)]
    [InlineData("0e400", 0)]
    [InlineData("0e99999999999999999999", 0)]
    [InlineData("0.000e-99999999999999999999", 0)]
    [InlineData("1e-400", 0)]
    [InlineData("-1e-400", 0)]
    [InlineData("1e-99999999999999999999", 0)]
    [InlineData("9223372036.854775807", long.MaxValue)]
    [InlineData("9223372036.8547758074", long.MaxValue)]
    [InlineData("-9223372036.854775808", long.MinValue)]
    [InlineData("-9223372036.8547758085", long.MinValue)]
    [InlineData("9223372036854775807e-9", long.MaxValue)]
    [InlineData("0.0000000009223372036854775807e19", long.MaxValue)]
    public void Read_Number_IsExact(string text, long nanos) => AssertReads(text, new Usd(nanos));

    [Theory]
    [InlineData("0.008754999999999999", 8_755_000)]
    [InlineData("0.0000000004999999999999999999999999999", 0)]
    [InlineData("0.0000000005", 0)]
    [InlineData("0.00000000050", 0)]
    [InlineData("0.000000000500000000000000000000000001", 1)]
    [InlineData("0.0000000015", 2)]
    [InlineData("0.0000000025", 2)]
    [InlineData("0.00000000250000000000000000000000000000000", 2)]
    [InlineData("0.00000000250000000000000000000000000000001", 3)]
    [InlineData("-0.0000000025", -2)]
    [InlineData("-0.0000000035", -4)]
    [InlineData("25e-10", 2)]
    [InlineData("5e-10", 0)]
    [InlineData("6e-10", 1)]
    [InlineData("9e-11", 0)]
    [InlineData("9999999999999999999e-28", 1)]
    [InlineData("5000000000000000000e-28", 0)]
    [InlineData("5000000000000000001e-28", 1)]
    [InlineData("50000000000000000001e-29", 1)]
    [InlineData("9999999999999999999e-29", 0)]
    [InlineData("1234567890.1234567885", 1_234_567_890_123_456_788)]
    [InlineData("1234567890.1234567895", 1_234_567_890_123_456_790)]
    [InlineData("1234567890.12345678850000000001", 1_234_567_890_123_456_789)]
    public void Read_MoreThanNineDecimals_RoundsOnceHalfToEven(string text, long nanos) => AssertReads(text, new Usd(nanos));

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("9223372036.854775808")]
    [InlineData("9223372036.8547758075")]
    [InlineData("-9223372036.854775809")]
    [InlineData("-9223372036.8547758086")]
    [InlineData("10000000000")]
    [InlineData("18446744073.709551616")]
    [InlineData("18446744073.7095516155")]
    [InlineData("99999999999999999999999999999999999999")]
    [InlineData("9999999999999999999")]
    [InlineData("1e10")]
    public void Read_BeyondTheRange_IsOutOfRange(string text)
    {
        Assert.Equal(UsdFault.OutOfRange, Usd.Read(text, out _));
        Assert.Equal(UsdFault.OutOfRange, Usd.Read(Encoding.UTF8.GetBytes(text), out _));
        Assert.Equal(UsdFault.OutOfRange, Usd.ReadExact(text, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData("--1")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("00")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("5.e1")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("e5")]
    [InlineData("1.2.3")]
    [InlineData("1,000")]
    [InlineData("$5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1_000")]
    [InlineData("1\0")]
    [InlineData("1f")]
    [InlineData("١")]
    [InlineData("ı5")]
    [InlineData("\u0131\u0131")]
    [InlineData("1\u0165" + "5")]
    [InlineData("\u0131")]
    public void Read_NotInJsonsGrammar_IsMalformed(string text)
    {
        Assert.Equal(UsdFault.Malformed, Usd.Read(text, out var amount));
        Assert.Equal(Usd.Zero, amount);
        Assert.Equal(UsdFault.Malformed, Usd.Read(Encoding.UTF8.GetBytes(text), out _));
        Assert.False(Usd.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Usd.Parse(text));
    }

    [Theory]
    [InlineData("0.000000001", UsdFault.None)]
    [InlineData("0.00000000100000000000000000000000000", UsdFault.None)]
    [InlineData("10.50", UsdFault.None)]
    [InlineData("1000000000000000000000e-20", UsdFault.None)]
    [InlineData("0.0000000000", UsdFault.None)]
    [InlineData("0e-400", UsdFault.None)]
    [InlineData("-5.5", UsdFault.None)]
    [InlineData("0.0000000001", UsdFault.TooPrecise)]
    [InlineData("0.0000000005", UsdFault.TooPrecise)]
    [InlineData("1.0000000000000000000000000000001", UsdFault.TooPrecise)]
    [InlineData("1234567890.1234567891", UsdFault.TooPrecise)]
    [InlineData("1e-10", UsdFault.TooPrecise)]
    [InlineData("1e-400", UsdFault.TooPrecise)]
    [InlineData("9223372036.854775807", UsdFault.None)]
    [InlineData("10000000000.0000000001", UsdFault.OutOfRange)]
    public void ReadExact_Number_RefusesWhatItWouldRound(string text, UsdFault expected)
    {
        Assert.Equal(expected, Usd.ReadExact(text, out var amount));
        Assert.Equal(expected, Usd.ReadExact(Encoding.UTF8.GetBytes(text), out _));
        if (expected == UsdFault.None)
        {
            Assert.Equal(Usd.Parse(text), amount);
        }
    }

    [Fact]
    public void Read_VeryLongDigitStrings_AreReadToTheEnd()
    {
        var zeros = new string('0', 100_000);
        AssertReads($"0.{zeros}1e100001", Usd.FromDollars(1));
        AssertReads($"1{zeros}e-100000", Usd.FromDollars(1));
        AssertReads($"0.0000000025{zeros}", new Usd(2));
        AssertReads($"0.0000000025{zeros}1", new Usd(3));
        Assert.Equal(UsdFault.OutOfRange, Usd.Read($"1{zeros}", out _));
    }

    private static void AssertReads(string text, Usd expected)
    {
        Assert.Equal(UsdFault.None, Usd.Read(text, out var fromChars));
        Assert.Equal(expected, fromChars);
        Assert.Equal(UsdFault.None, Usd.Read(Encoding.UTF8.GetBytes(text), out var fromUtf8));
        Assert.Equal(expected, fromUtf8);
    }
}
