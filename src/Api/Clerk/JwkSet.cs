using System.Buffers.Text;
using System.Collections.Frozen;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace LlmObserve.Api.Clerk;

/// <summary>
/// The public keys that an instance signs with, by id:
/// <code>{"keys":[{"use":"sig","kty":"RSA","kid":"ins_2abc","alg":"RS256","n":"xjlC…","e":"AQAB"}]}</code>
/// Keys of other kinds, for other uses and of weak sizes are left out.
/// </summary>
internal static class JwkSet
{
    /// <summary>An instance has one key, and two while it changes them.</summary>
    public const int MaxKeys = 32;

    /// <summary>What is safe; Clerk's keys have as many.</summary>
    public const int MinKeyBits = 2048;

    /// <summary>A check by a larger key takes too long.</summary>
    public const int MaxKeyBits = 8192;

    public const int MaxKeyIdLength = 128;

    /// <summary>The keys; null for what is no set, and for a set without a usable key: an instance that signs has one.</summary>
    public static FrozenDictionary<string, RSAParameters>? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            // An id that stands for two keys stands for neither.
            var read = keys.EnumerateArray().Take(MaxKeys).Select(ReadKey).OfType<(string Id, RSAParameters Key)>()
                .GroupBy(key => key.Id, StringComparer.Ordinal).Where(group => group.Count() == 1)
                .ToFrozenDictionary(group => group.Key, group => group.Single().Key, StringComparer.Ordinal);
            return read.Count > 0 ? read : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half a surrogate pair.
            return null;
        }
    }

    private static (string Id, RSAParameters Key)? ReadKey(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object
            || key.Text("kty") != "RSA" || (key.Text("use") ?? "sig") != "sig" || (key.Text("alg") ?? "RS256") != "RS256"
            || key.Text("kid") is not { Length: > 0 and <= MaxKeyIdLength } id
            || Bytes(key.Text("n")) is not { } modulus || Bytes(key.Text("e")) is not { } exponent)
        {
            return null;
        }

        var bits = new BigInteger(modulus, isUnsigned: true, isBigEndian: true).GetBitLength();
        var power = new BigInteger(exponent, isUnsigned: true, isBigEndian: true);
        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        return bits is >= MinKeyBits and <= MaxKeyBits && power >= 3 && power <= uint.MaxValue && !power.IsEven && IsKey(parameters)
            ? (id, parameters)
            : null;
    }

    private static bool IsKey(RSAParameters parameters)
    {
        try
        {
            using var rsa = RSA.Create(parameters);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[]? Bytes(string? text) =>
        text is { Length: > 0 } && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
