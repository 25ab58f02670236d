using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LlmObserve.Api.Accounts;

/// <summary>The secret in the link of an invitation: 32 random bytes in base64url. Only its hash is stored.</summary>
internal static class InvitationToken
{
    /// <summary>256 bits: beyond any guessing.</summary>
    private const int Bytes = 32;

    /// <summary>32 bytes in base64url, without padding.</summary>
    public const int Length = 43;

    public static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is stored and looked up instead of the token; null for what can be none.</summary>
    public static byte[]? Hash(string token) =>
        token.Length == Length && Ascii.IsValid(token) ? SHA256.HashData(Encoding.ASCII.GetBytes(token)) : null;
}
