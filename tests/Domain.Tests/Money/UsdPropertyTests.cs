using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Money;

public sealed class UsdPropertyTests
{
    private static readonly Gen<string> Digits = Gen.OneOf(
        Gen.Elements("0", "00", "5", "50", "49999999999999999999", "500000000000000000000000001", "999999999", "854775807", "854775808"),
        Gen.Choose(1, 45).SelectMany(n => Gen.Choose(0, 9).ArrayOf(n)).Select(string.Concat));

    private static readonly Gen<string> Numbers =
        from sign in Gen.Elements("", "-")
        from whole in Gen.OneOf(Gen.Elements("0", "1", "9223372036"), Digits.Select(d => d.TrimStart('0') is { Length: > 0 } t ? t : "0"))
        from fraction in Gen.OneOf(Gen.Constant(""), Digits.Select(d => "." + d))
        from exponent in Gen.OneOf(
            Gen.Constant(""),
            from e in Gen.Elements("e", "E")
            from s in Gen.Elements("", "+", "-")
            from value in Gen.Choose(0, 60)
            select e + s + value)
        select sign + whole + fraction + exponent;

    [Fact]
    public void Read_AnyJsonNumber_EqualsTheBigIntegerReference() =>
        Prop.ForAll(Numbers.ToArbitrary(), text =>
        {
            var (nanos, exact) = Reference(text);
            var inRange = nanos >= long.MinValue && nanos <= long.MaxValue;
            var expected = inRange ? new Usd((long)nanos) : Usd.Zero;

            Assert.Equal(inRange ? UsdFault.None : UsdFault.OutOfRange, Usd.Read(text, out var amount));
            Assert.Equal(expected, amount);
            Assert.Equal(Usd.Read(text, out _), Usd.Read(Encoding.UTF8.GetBytes(text), out var fromUtf8));
            Assert.Equal(amount, fromUtf8);
            if (inRange)
            {
                Assert.Equal(exact ? UsdFault.None : UsdFault.TooPrecise, Usd.ReadExact(text, out var strict));
                Assert.Equal(exact ? expected : Usd.Zero, strict);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Read_WhatToStringWrote_IsTheSameAmount() =>
        Prop.ForAll(Amounts().ToArbitrary(), amount =>
        {
            var text = amount.ToString();
            Assert.Equal(UsdFault.None, Usd.ReadExact(text, out var again));
            Assert.Equal(amount, again);
            Assert.Equal(amount.ToDecimal(), decimal.Parse(text, CultureInfo.InvariantCulture));
            Assert.True(text.Length <= Usd.MaxTextLength);

            var utf8 = new byte[Usd.MaxTextLength];
            Assert.True(amount.TryFormat(utf8, out var written));
            Assert.Equal(text, Encoding.UTF8.GetString(utf8, 0, written));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Read_AnyText_NeverThrowsAndAgreesAcrossEncodings() =>
        Prop.ForAll(
            Gen.Elements("0123456789-+.eE x".ToCharArray()).ArrayOf().Select(c => new string(c)).ToArbitrary(),
            text =>
            {
                var fault = Usd.Read(text, out var amount);
                Assert.Equal(fault, Usd.Read(Encoding.UTF8.GetBytes(text), out var other));
                Assert.Equal(amount, other);
                Assert.Equal(fault != UsdFault.Malformed, IsJsonNumber(text));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Sum_AnyOrder_EqualsTheBigIntegerSum() =>
        Prop.ForAll(Gen.Choose(-1_000_000_000, 1_000_000_000).Select(n => new Usd(n * 1_000_003L)).ArrayOf().ToArbitrary(), amounts =>
        {
            var expected = amounts.Aggregate(BigInteger.Zero, (sum, amount) => sum + amount.Nanos);
            Assert.Equal(expected, Usd.Sum(amounts).Nanos);
            Assert.Equal(expected, Usd.Sum(amounts.Reverse()).Nanos);
            Assert.Equal(expected, amounts.Aggregate(Usd.Zero, (sum, amount) => sum + amount).Nanos);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Times_AnyFactor_EqualsTheBigIntegerReference() =>
        Prop.ForAll(Amounts().ToArbitrary(), Factors().ToArbitrary(), (amount, factor) =>
        {
            var scale = factor.Scale;
            var mantissa = (BigInteger)decimal.Parse(factor.ToString(CultureInfo.InvariantCulture).Replace(".", ""), CultureInfo.InvariantCulture);
            var expected = RoundHalfEven(amount.Nanos * mantissa, BigInteger.Pow(10, scale));
            if (expected >= long.MinValue && expected <= long.MaxValue)
            {
                Assert.Equal(expected, amount.Times(factor).Nanos);
            }
            else
            {
                Assert.Throws<OverflowException>(() => amount.Times(factor));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static Gen<Usd> Amounts() =>
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from shift in Gen.Choose(0, 63)
        from zeros in Gen.Elements(1L, 1L, 1_000L, 1_000_000_000L)
        select new Usd(((((long)high << 32) | (uint)low) >> shift) / zeros * zeros);

    private static Gen<decimal> Factors() =>
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from middle in Gen.OneOf(Gen.Constant(0), Gen.Choose(int.MinValue, int.MaxValue))
        from high in Gen.OneOf(Gen.Constant(0), Gen.Choose(int.MinValue, int.MaxValue))
        from scale in Gen.Choose(0, 28)
        from negative in Gen.Elements(true, false)
        select new decimal(low, middle, high, negative, (byte)scale);

    /// <summary>A plain reading: the whole number as a fraction of two integers, rounded once.</summary>
    private static (BigInteger Nanos, bool Exact) Reference(string text)
    {
        var parts = text.ToLowerInvariant().Split('e');
        var exponent = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        var digits = BigInteger.Parse(parts[0].Replace(".", ""), CultureInfo.InvariantCulture);
        var shift = exponent + 9 - decimals;
        var numerator = digits * BigInteger.Pow(10, Math.Max(shift, 0));
        var denominator = BigInteger.Pow(10, Math.Max(-shift, 0));
        return (RoundHalfEven(numerator, denominator), (numerator % denominator).IsZero);
    }

    private static BigInteger RoundHalfEven(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(BigInteger.Abs(numerator), denominator, out var remainder);
        var twice = remainder * 2;
        var rounded = twice > denominator || (twice == denominator && !quotient.IsEven) ? quotient + 1 : quotient;
        return numerator.Sign < 0 ? -rounded : rounded;
    }

    private static bool IsJsonNumber(string text)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(text);
            return text.Trim() == text && document.RootElement.ValueKind == System.Text.Json.JsonValueKind.Number;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
