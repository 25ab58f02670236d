using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace LlmObserve.Domain.Keys;

/// <summary>Why a text is no API key of ours.</summary>
public enum ApiKeyFault
{
    /// <summary>It is well formed; whether it exists is another question.</summary>
    None = 0,

    /// <summary>It does not begin with <c>llmo_sk_</c>: likely a key for something else.</summary>
    NotAKey,

    /// <summary>It was cut short, or letters were added or changed.</summary>
    Mistyped,
}

/// <summary>
/// The secret text of an API key: <c>llmo_sk_</c>, 32 random base-62 characters (190 bits), and 6 base-62 characters of CRC-32 over all
/// before them. The checksum tells a typo from an unknown key without a look into the database; it is no secret and proves nothing.
/// Raw sample: <c>llmo_sk_4tPzT0mAb5bDqW1nYc8eXf2gRh7jUk9l3f19Zg</c>.
/// </summary>
public sealed class ApiKeyText
{
    /// <summary>What every key begins with, so that secret scanners can find a leaked one.</summary>
    public const string Scheme = "llmo_sk_";

    /// <summary>62³² is a little over 2¹⁹⁰: beyond any guessing.</summary>
    private const int RandomLength = 32;

    /// <summary>62⁶ is a little over 2³⁵, enough for 32 bits.</summary>
    private const int ChecksumLength = 6;

    /// <summary>The scheme and four random characters: tells a person's keys apart, gives 24 of the 190 bits away.</summary>
    private const int DisplayLength = 12;

    private const int Length = 8 + RandomLength + ChecksumLength;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> AlphabetChars = SearchValues.Create(Alphabet);

    private readonly string _text;

    private ApiKeyText(string text) => _text = text;

    /// <summary>The beginning that may be stored and shown: twelve characters.</summary>
    public string DisplayPrefix => _text[..DisplayLength];

    /// <summary>Makes a new key from the system's random source.</summary>
    public static ApiKeyText Generate()
    {
        var body = Scheme + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return new ApiKeyText(string.Concat(body, checksum));
    }

    /// <summary>Reads what a caller sent. Every key has one length, so a hostile megabyte costs nothing.</summary>
    public static ApiKeyFault Read(string? text, out ApiKeyText? key)
    {
        key = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return ApiKeyFault.NotAKey;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        if (text.Length != Length || text.AsSpan(Scheme.Length).ContainsAnyExcept(AlphabetChars))
        {
            return ApiKeyFault.Mistyped;
        }

        WriteChecksum(text.AsSpan(0, Length - ChecksumLength), checksum);
        if (!text.AsSpan().EndsWith(checksum))
        {
            return ApiKeyFault.Mistyped;
        }

        key = new ApiKeyText(text);
        return ApiKeyFault.None;
    }

    /// <summary>What is stored and looked up instead of the key.</summary>
    public ApiKeyHash Hash()
    {
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(_text, ascii);
        return new ApiKeyHash(Convert.ToHexStringLower(SHA256.HashData(ascii)));
    }

    /// <summary>The secret itself: for the one answer that shows a new key to its owner.</summary>
    public string Reveal() => _text;

    /// <summary>The display prefix only, so that a key that finds its way into a log or a message stays a secret.</summary>
    public override string ToString() => DisplayPrefix + "…";

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> checksum)
    {
        var rest = Crc32(body);
        for (var i = checksum.Length - 1; i >= 0; i--, rest /= (uint)Alphabet.Length)
        {
            checksum[i] = Alphabet[(int)(rest % (uint)Alphabet.Length)];
        }
    }

    /// <summary>CRC-32 as in zip and PNG, bit by bit: forty characters need no table.</summary>
    private static uint Crc32(ReadOnlySpan<char> ascii)
    {
        var crc = uint.MaxValue;
        foreach (var letter in ascii)
        {
            crc ^= letter;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
