using LlmObserve.Api.Sessions;

namespace LlmObserve.Api.Tests.Sessions;

public sealed class RefreshTokensTests
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly RefreshClaims s_claims = new(Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057"), 7);

    private readonly RefreshTokens _tokens = new(s_secret);

    [Fact]
    public void Create_SameClaims_SameTokenThatCanBeRecognised()
    {
        var token = _tokens.Create(s_claims);

        Assert.Equal(token, new RefreshTokens(s_secret).Create(s_claims));
        Assert.StartsWith("llmo_rt_", token, StringComparison.Ordinal);
        Assert.True(token.Length <= RefreshTokens.MaxLength);
        Assert.NotEqual(token, _tokens.Create(s_claims with { Generation = 8 }));
    }

    [Fact]
    public void TryRead_OwnToken_GivesItsClaims()
    {
        Assert.True(_tokens.TryRead(_tokens.Create(s_claims), out var claims));
        Assert.Equal(s_claims, claims);
    }

    [Fact]
    public void TryRead_AnyBitChanged_Refuses()
    {
        var token = _tokens.Create(s_claims);
        var body = System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(RefreshTokens.Scheme.Length));
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            body[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_tokens.TryRead(RefreshTokens.Scheme + System.Buffers.Text.Base64Url.EncodeToString(body), out _), $"bit {bit}");
            body[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void TryRead_TokenOfAnotherServer_Refuses() =>
        Assert.False(_tokens.TryRead(new RefreshTokens(new byte[32]).Create(s_claims), out _));

    [Theory]
    [InlineData("")]
    [InlineData("llmo_rt_")]
    [InlineData("llmo_rt_AAAA")]
    [InlineData("llmo_rt_ÄÖÜ")]
    [InlineData("llmo_sk_AAAA")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")]
    public void TryRead_WhatIsNoToken_Refuses(string text) => Assert.False(_tokens.TryRead(text, out _));

    [Fact]
    public void TryRead_ATokenWithMoreBehindIt_Refuses()
    {
        Assert.False(_tokens.TryRead(_tokens.Create(s_claims) + "A", out _));
        Assert.False(_tokens.TryRead(_tokens.Create(s_claims) + "=", out _));
        Assert.False(_tokens.TryRead(_tokens.Create(s_claims) + " ", out _));
        Assert.False(_tokens.TryRead(_tokens.Create(s_claims) + new string('A', 4_000_000), out _));
    }
}
