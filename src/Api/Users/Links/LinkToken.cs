using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LlmObserve.Api.Users.Links;

/// <summary>What a mailed link holds: 256 random bits, of which the server keeps the hash.</summary>
internal static class LinkToken
{
    /// <summary>Longer than any of ours, of 43 characters.</summary>
    public const int MaxLength = 128;

    private const int Bytes = 32;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
