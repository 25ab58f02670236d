using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Tests.Faults;

public sealed class TextFaultsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain text, 100 % ~")]
    [InlineData("Grüße, 東京")]
    [InlineData("😀😀")]
    [InlineData("a😀")]
    public void Check_PrintableText_HasNoFault(string text)
    {
        var faults = new List<Fault>();
        Assert.True(TextFaults.Check("name", text, 100, faults));
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("a\0b", "U+0000", 1)]
    [InlineData("\n", "U+000A", 0)]
    [InlineData("é\t", "U+0009", 1)]
    [InlineData("x\u007f", "U+007F", 1)]
    [InlineData("x\u0085", "U+0085", 1)]
    public void Check_ControlCharacter_IsNamedWithItsPlace(string text, string code, int position) => AssertBad(text, code, position);

    [Fact]
    public void Check_HalfASurrogatePair_IsNamedWithItsPlace()
    {
        // Not as test data: attributes are stored in UTF-8, which cannot hold them.
        AssertBad("😀\ud83d", "U+D83D", 2);
        AssertBad("\ude00\ud83d", "U+DE00", 0);
        AssertBad("\ud83dx", "U+D83D", 0);
    }

    [Fact]
    public void Check_TooLong_DoesNotRepeatTheText()
    {
        var faults = new List<Fault>();
        Assert.True(TextFaults.Check("id", new string('x', 256), 256, faults));
        Assert.False(TextFaults.Check("id", new string('x', 1_000_000), 256, faults));
        var fault = Assert.Single(faults);
        Assert.Equal(FaultCodes.TooLong, fault.Code);
        Assert.True(fault.Detail.Length < 100);
    }

    private static void AssertBad(string text, string code, int position)
    {
        var faults = new List<Fault>();
        Assert.False(TextFaults.Check("usage.x", text, 100, faults));
        var fault = Assert.Single(faults);
        Assert.Equal(("usage.x", FaultCodes.BadCharacter), (fault.Path, fault.Code));
        Assert.Contains(code, fault.Detail, StringComparison.Ordinal);
        Assert.EndsWith($"position {position}.", fault.Detail, StringComparison.Ordinal);
    }
}
