using System.Security.Cryptography;
using System.Text;

namespace LlmObserve.Api.Keys;

/// <summary>
/// Texts of keys that wait for their owner, unreadable to whoever sees the database: AES-GCM under a key of its own, derived from the secret that
/// signs sessions. A sealed text opens for the id that it was made for, and for no other.
/// </summary>
internal sealed class SealedTexts
{
    private const int KeyBytes = 32;

    private readonly byte[] _key;

    public SealedTexts(ReadOnlyMemory<byte> secret) =>
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), KeyBytes, info: "llmobserve unseen keys"u8.ToArray());

    /// <summary>Nonce, tag and cipher text.</summary>
    public byte[] Seal(Guid id, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize + plain.Length];
        var (nonce, tag, cipher) = Parts(sealedText);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(_key, tag.Length);
        aes.Encrypt(nonce.Span, plain, cipher.Span, tag.Span, id.ToByteArray());
        return sealedText;
    }

    /// <summary>The text; null where it was sealed under another secret or for another id.</summary>
    public string? Open(Guid id, byte[] sealedText)
    {
        if (sealedText.Length < AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize)
        {
            return null;
        }

        var (nonce, tag, cipher) = Parts(sealedText);
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(_key, tag.Length);
        try
        {
            aes.Decrypt(nonce.Span, cipher.Span, tag.Span, plain, id.ToByteArray());
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(byte[] sealedText)
    {
        var rest = sealedText.AsMemory(AesGcm.NonceByteSizes.MaxSize);
        return (sealedText.AsMemory(0, AesGcm.NonceByteSizes.MaxSize), rest[..AesGcm.TagByteSizes.MaxSize], rest[AesGcm.TagByteSizes.MaxSize..]);
    }
}
