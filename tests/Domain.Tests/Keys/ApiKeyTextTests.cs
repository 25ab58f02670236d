using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Domain.Tests.Keys;

public sealed partial class ApiKeyTextTests
{
    [Fact]
    public void Generate_ManyKeys_AreWellFormedAndDistinct()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 1_000; i++)
        {
            var text = ApiKeyText.Generate().Reveal();
            Assert.Matches(KeyForm(), text);
            Assert.Equal(ApiKeyFault.None, ApiKeyText.Read(text, out var key));
            Assert.Equal(text, key!.Reveal());
            Assert.True(seen.Add(text));
        }
    }

    [Fact]
    public void Read_OneCharacterChanged_IsMistyped()
    {
        // A CRC-32 finds every change inside of 32 bits: no change of one character gets through.
        var text = ApiKeyText.Generate().Reveal();
        for (var at = ApiKeyText.Scheme.Length; at < text.Length; at++)
        {
            foreach (var other in "0Az-é".Where(letter => letter != text[at]))
            {
                var changed = text[..at] + other + text[(at + 1)..];
                Assert.Equal(ApiKeyFault.Mistyped, ApiKeyText.Read(changed, out var key));
                Assert.Null(key);
            }
        }
    }

    [Fact]
    public void Read_TwoNeighboursSwapped_IsMistyped()
    {
        var text = ApiKeyText.Generate().Reveal();
        for (var at = ApiKeyText.Scheme.Length; at < text.Length - 1; at++)
        {
            if (text[at] != text[at + 1])
            {
                var swapped = text[..at] + text[at + 1] + text[at] + text[(at + 2)..];
                Assert.Equal(ApiKeyFault.Mistyped, ApiKeyText.Read(swapped, out _));
            }
        }
    }

    [Theory]
    [InlineData(null, ApiKeyFault.NotAKey)]
    [InlineData("", ApiKeyFault.NotAKey)]
    [InlineData("sk-proj-abc", ApiKeyFault.NotAKey)]
    [InlineData("LLMO_SK_abc", ApiKeyFault.NotAKey)]
    [InlineData("llmo_sk_", ApiKeyFault.Mistyped)]
    [InlineData("llmo_sk_abc", ApiKeyFault.Mistyped)]
    public void Read_OtherText_SaysWhichFault(string? text, ApiKeyFault expected) => Assert.Equal(expected, ApiKeyText.Read(text, out _));

    [Fact]
    public void Read_CutOrLengthened_IsMistyped()
    {
        var text = ApiKeyText.Generate().Reveal();
        Assert.Equal(ApiKeyFault.Mistyped, ApiKeyText.Read(text[..^1], out _));
        Assert.Equal(ApiKeyFault.Mistyped, ApiKeyText.Read(text + "0", out _));
        Assert.Equal(ApiKeyFault.Mistyped, ApiKeyText.Read(text + new string('0', 1_000_000), out _));
    }

    [Fact]
    public void Hash_Key_IsItsSha256InLowerHex()
    {
        var key = ApiKeyText.Generate();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal()))), key.Hash().Value);
    }

    [Fact]
    public void ToString_Key_KeepsTheSecret()
    {
        var key = ApiKeyText.Generate();
        Assert.Equal(key.Reveal()[..12], key.DisplayPrefix);
        Assert.Equal(key.DisplayPrefix + "…", $"{key}");
    }

    /// <summary>The checksum is the CRC-32 that zip writes: computed here with Python's zlib and written in base 62.</summary>
    [Fact]
    public void Read_KeyMadeElsewhere_IsAccepted() =>
        Assert.Equal(ApiKeyFault.None, ApiKeyText.Read("llmo_sk_4tPzT0mAb5bDqW1nYc8eXf2gRh7jUk9l3f19Zg", out _));

    [GeneratedRegex("^llmo_sk_[0-9A-Za-z]{38}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyForm();
}
