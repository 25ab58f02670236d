using System.Net;
using System.Net.Sockets;

namespace LlmObserve.Silo;

/// <summary>One address of the command line.</summary>
internal static class ListenAddress
{
    /// <summary>Reads one address or several between semicolons, and gives them as Kestrel takes them.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="hasCertificate">Whether https can be spoken.</param>
    /// <exception cref="StartFailedException">It is not an address, or cannot be served.</exception>
    public static IReadOnlyList<BindingAddress> ParseAll(string text, bool hasCertificate)
    {
        var addresses = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return addresses.Length > 0
            ? [.. addresses.Select(address => Parse(address, hasCertificate))]
            : throw new StartFailedException("An address is empty: write it like http://localhost:8000.");
    }

    private static BindingAddress Parse(string text, bool hasCertificate)
    {
        if (!Uri.TryCreate(text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal),
                UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || uri.PathAndQuery != "/")
        {
            throw new StartFailedException($"'{text}' is not an address like http://localhost:8000.");
        }

        if (uri.Scheme == "https" && !hasCertificate)
        {
            throw new StartFailedException(
                $"{text} needs a certificate: set Kestrel__Certificates__Default__Path (and …__KeyPath or …__Password), " +
                "or listen on http behind a proxy that speaks https.");
        }

        // A free port can be had on one address only, and localhost is two.
        var host = uri is { Port: 0, Host: "localhost" } ? "127.0.0.1" : uri.Host;
        return BindingAddress.Parse($"{uri.Scheme}://{host}:{uri.Port}");
    }

    /// <summary>Where this machine reaches the first of the addresses of an option; its port may be 0 yet.</summary>
    public static Uri First(string text) => Reachable(ParseAll(text, hasCertificate: true)[0].ToString());

    /// <summary>Listens and lets go: the host would log a page of stack before it says the same.</summary>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public static void Try(BindingAddress address)
    {
        // As Kestrel reads a host: a name other than localhost stands for every interface.
        var ip = address.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(address.Host.Trim('[', ']'), out var given) ? given
            : IPAddress.Any;
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(ip, address.Port));
        socket.Listen();
    }

    /// <summary>Where this machine reaches what listens on <paramref name="address"/>.</summary>
    public static Uri Reachable(string address) =>
        new(address.Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal).Replace("://[::]", "://localhost", StringComparison.Ordinal));
}
