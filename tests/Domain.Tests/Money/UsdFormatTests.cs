using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Money;

public sealed class UsdFormatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(12_000, "0.000012")]
    [InlineData(1, "0.000000001")]
    [InlineData(-1, "-0.000000001")]
    [InlineData(1_000_000_000_000_000, "1000000")]
    [InlineData(-500_000_000, "-0.5")]
    [InlineData(1_000_000_001, "1.000000001")]
    [InlineData(10_100_000_000, "10.1")]
    [InlineData(long.MaxValue, "9223372036.854775807")]
    [InlineData(long.MinValue, "-9223372036.854775808")]
    public void ToString_Amount_HasOneForm(long nanos, string expected)
    {
        var amount = new Usd(nanos);
        Assert.Equal(expected, amount.ToString());
        Assert.Equal(expected, string.Format(CultureInfo.InvariantCulture, "{0:N2}", amount));
        Assert.Equal(expected, $"{amount}");
        Assert.Equal(expected, JsonSerializer.Serialize(amount));
    }

    [Fact]
    public void TryFormat_TooSmallADestination_WritesNothing()
    {
        var amount = Usd.Parse("12.5");
        var bytes = new byte[4];
        Assert.True(amount.TryFormat(bytes, out var written));
        Assert.Equal(4, written);
        Assert.Equal("12.5"u8, bytes);
        Assert.False(amount.TryFormat(new byte[3], out written));
        Assert.Equal(0, written);
        Assert.False(amount.TryFormat(new char[3], out _));
    }

    [Theory]
    [InlineData("0.008754999999999999", "0.008755")]
    [InlineData("1.5e-7", "0.00000015")]
    [InlineData("\"12.50\"", "12.5")]
    [InlineData("\"1\\u0032\"", "12")]
    public void Json_NumberOrString_RoundTrips(string json, string expected) =>
        Assert.Equal(expected, JsonSerializer.Serialize(JsonSerializer.Deserialize<Usd>(json)));

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"five\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e400")]
    public void Json_AnythingElse_IsAJsonException(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Usd>(json));

    [Theory]
    [InlineData("12345.678901234")]
    [InlineData("\"12345.678901234\"")]
    [InlineData("\"1\\u0032345.678901234\"")]
    public void Json_TokenAcrossBuffers_IsReadWhole(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var first = new Piece(bytes.AsMemory(0, cut), 0);
            var last = first.Append(bytes.AsMemory(cut));
            var reader = new Utf8JsonReader(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
            reader.Read();
            Assert.Equal(UsdFault.None, UsdJsonConverter.Read(ref reader, exact: true, out var amount));
            Assert.Equal(Usd.Parse("12345.678901234"), amount);
        }
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long runningIndex) => (Memory, RunningIndex) = (memory, runningIndex);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
