using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace LlmObserve.Api.Sessions;

/// <summary>What a refresh token names.</summary>
/// <param name="Session">The session.</param>
/// <param name="Generation">How often the session had been refreshed when the token was made.</param>
internal readonly record struct RefreshClaims(Guid Session, int Generation);

/// <summary>
/// Refresh tokens: session, generation, and an HMAC over both, in base64url after a word to know them by. They are derived and not stored: who
/// reads the database or a backup of it finds none, and the same generation always has the same token. When one ends is the session's to say.
/// </summary>
internal sealed class RefreshTokens
{
    /// <summary>Begins every token, so that people and scanners for leaked secrets know one when they see it.</summary>
    public const string Scheme = "llmo_rt_";

    /// <summary>Longer than any of ours, of 78 characters.</summary>
    public const int MaxLength = 128;

    private const int SessionBytes = 16;
    private const int NamedBytes = SessionBytes + sizeof(int);
    private const int TokenBytes = NamedBytes + HMACSHA256.HashSizeInBytes;

    /// <summary>As long as one of ours is, and no padding or blanks, which the decoder would take.</summary>
    private static readonly int TextLength = Base64Url.GetEncodedLength(TokenBytes);

    private readonly byte[] _key;

    /// <param name="secret">The server's; tokens are made under a key of their own that follows from it.</param>
    public RefreshTokens(ReadOnlySpan<byte> secret)
    {
        _key = new byte[HMACSHA256.HashSizeInBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, _key, salt: [], info: "llmobserve/refresh-token/1"u8);
    }

    public string Create(RefreshClaims claims)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        claims.Session.TryWriteBytes(token, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(token[SessionBytes..], claims.Generation);
        HMACSHA256.HashData(_key, token[..NamedBytes], token[NamedBytes..]);
        return Scheme + Base64Url.EncodeToString(token);
    }

    /// <summary>What a token names; false where this server did not make it.</summary>
    public bool TryRead(string text, out RefreshClaims claims)
    {
        claims = default;
        Span<byte> token = stackalloc byte[TokenBytes];
        if (text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.Ordinal)
            || !TryDecode(text.AsSpan(Scheme.Length), token))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, token[..NamedBytes], hash);
        claims = new RefreshClaims(new Guid(token[..SessionBytes], bigEndian: true), BinaryPrimitives.ReadInt32BigEndian(token[SessionBytes..]));
        return CryptographicOperations.FixedTimeEquals(hash, token[NamedBytes..]);
    }

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> token) =>
        text.Length == TextLength && Base64Url.IsValid(text, out var length) && length == token.Length && Base64Url.TryDecodeFromChars(text, token, out _);
}
