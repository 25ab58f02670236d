using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace LlmObserve.Domain.Keys;

/// <summary>What is wrong with the text of a network.</summary>
public enum NetworkFault
{
    None = 0,

    /// <summary>No address, and no network.</summary>
    Malformed,

    /// <summary>An address with a prefix that it does not end with, as in 10.0.0.1/8: a slip, or an address that was meant alone.</summary>
    HostBits,
}

/// <summary>
/// Networks as people write them: <c>203.0.113.7</c>, <c>203.0.113.0/24</c>, <c>2001:db8::1</c>, <c>2001:db8::/32</c>. The framework reads much
/// more as an address (<c>1</c>, <c>0x7f.1</c>, <c>010.0.0.1</c>), which nobody means.
/// </summary>
public static class NetworkText
{
    /// <summary>The longest IPv6 address with an IPv4 tail, and its prefix.</summary>
    public const int MaxLength = 50;

    private const int MappedBits = 96;

    private static readonly SearchValues<char> s_characters = SearchValues.Create("0123456789abcdefABCDEF:./");

    /// <summary>Reads an address or a network. IPv4 inside of IPv6 becomes IPv4, as addresses of requests do.</summary>
    public static NetworkFault Read(string text, out IPNetwork network)
    {
        ArgumentNullException.ThrowIfNull(text);
        network = default;
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExcept(s_characters))
        {
            return NetworkFault.Malformed;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryReadAddress(slash < 0 ? text : text[..slash], out var address))
        {
            return NetworkFault.Malformed;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (slash >= 0 && !TryReadPrefix(text.AsSpan(slash + 1), bits, out prefix))
        {
            return NetworkFault.Malformed;
        }

        if (address.IsIPv4MappedToIPv6 && prefix >= MappedBits)
        {
            (address, prefix) = (address.MapToIPv4(), prefix - MappedBits);
        }

        // The framework clears the bits beyond the prefix.
        network = new IPNetwork(address, prefix);
        return network.BaseAddress.Equals(address) ? NetworkFault.None : NetworkFault.HostBits;
    }

    /// <summary>As <see cref="Read"/> reads it: an address alone has no prefix.</summary>
    public static string ToText(IPNetwork network) =>
        network.PrefixLength == (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            ? network.BaseAddress.ToString()
            : network.ToString();

    private static bool TryReadAddress(string text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString().Equals(text, StringComparison.Ordinal));

    private static bool TryReadPrefix(ReadOnlySpan<char> text, int bits, out int prefix)
    {
        prefix = 0;
        // 0 to 128, without signs, blanks and leading zeros.
        if (text.Length is 0 or > 3 || text.ContainsAnyExceptInRange('0', '9') || (text.Length > 1 && text[0] == '0'))
        {
            return false;
        }

        foreach (var digit in text)
        {
            prefix = (prefix * 10) + (digit - '0');
        }

        return prefix <= bits;
    }
}
