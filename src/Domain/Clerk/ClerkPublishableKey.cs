using System.Text;

namespace LlmObserve.Domain.Clerk;

/// <summary>
/// The key of a Clerk instance for browsers. It says where the instance's scripts and Frontend API are:
/// <c>pk_live_Y2xlcmsuZXhhbXBsZS5jb20k</c> is <c>pk_live_</c> and, in base64, <c>clerk.example.com$</c>.
/// </summary>
public static class ClerkPublishableKey
{
    private const string Test = "pk_test_";
    private const string Live = "pk_live_";
    private const char End = '$';

    /// <summary>As long as a host's name can be, in base64.</summary>
    private const int MaxLength = 400;

    /// <summary>The host that a key names, without the scheme; null where it is no such key.</summary>
    public static string? HostOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > MaxLength || !(key.StartsWith(Test, StringComparison.Ordinal) || key.StartsWith(Live, StringComparison.Ordinal)))
        {
            return null;
        }

        var encoded = key[Test.Length..].TrimEnd('=');
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded.PadRight((encoded.Length + 3) / 4 * 4, '='), bytes, out var length))
        {
            return null;
        }

        // It goes into a header and into addresses: a host, and nothing but.
        var text = Encoding.Latin1.GetString(bytes, 0, length);
        return text is [.., End] && Uri.CheckHostName(text[..^1]) is UriHostNameType.Dns or UriHostNameType.IPv4 ? text[..^1] : null;
    }
}
