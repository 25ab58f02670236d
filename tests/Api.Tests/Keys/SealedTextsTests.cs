using System.Text;
using LlmObserve.Api.Keys;

namespace LlmObserve.Api.Tests.Keys;

public sealed class SealedTextsTests
{
    private const string Text = "llmo_sk_secret";

    private static readonly SealedTexts s_texts = new(new byte[32]);
    private static readonly Guid s_id = Guid.CreateVersion7();

    [Fact]
    public void Open_WhatWasSealed_IsTheText() => Assert.Equal(Text, s_texts.Open(s_id, s_texts.Seal(s_id, Text)));

    [Fact]
    public void Seal_Twice_ShowsNeitherTextNorThatItIsTheSame()
    {
        var (first, second) = (s_texts.Seal(s_id, Text), s_texts.Seal(s_id, Text));

        Assert.NotEqual(first, second);
        Assert.DoesNotContain("llmo", Encoding.Latin1.GetString(first), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnythingElse_IsNothing()
    {
        var good = s_texts.Seal(s_id, Text);

        Assert.Null(s_texts.Open(Guid.CreateVersion7(), good));
        Assert.Null(new SealedTexts(new byte[33]).Open(s_id, good));
        Assert.Null(s_texts.Open(s_id, []));
        Assert.Null(s_texts.Open(s_id, good[..^1]));
        for (var at = 0; at < good.Length; at++)
        {
            var changed = (byte[])good.Clone();
            changed[at] ^= 1;
            Assert.Null(s_texts.Open(s_id, changed));
        }
    }
}
