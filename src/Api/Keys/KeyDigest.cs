using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>The SHA-256 of a key's text, as a value that can be looked up without allocating.</summary>
internal readonly record struct KeyDigest(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Every key of ours is shorter; what is longer is not worth hashing.</summary>
    private const int MaxLength = 64;

    /// <summary>False for a text that can be no key.</summary>
    public static bool TryCompute(string token, out KeyDigest digest)
    {
        digest = default;
        Span<byte> ascii = stackalloc byte[MaxLength];
        if (token.Length > MaxLength || Ascii.FromUtf16(token, ascii, out var length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii[..length], hash);
        digest = Of(hash);
        return true;
    }

    public static KeyDigest Of(ReadOnlySpan<byte> sha256)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(sha256);
        return new KeyDigest(words[0], words[1], words[2], words[3]);
    }

    /// <summary>The key of the key's grain.</summary>
    public ApiKeyHash ToHash()
    {
        Span<ulong> words = [A, B, C, D];
        return new ApiKeyHash(Convert.ToHexStringLower(MemoryMarshal.AsBytes(words)));
    }

    /// <summary>The bits of a hash are as random as any.</summary>
    public override int GetHashCode() => (int)A;
}
