using System.Collections.Immutable;
using System.Net;

namespace LlmObserve.Domain.Keys;

/// <summary>From where a key may be used: read once, looked at with every request.</summary>
public sealed class AllowedNetworks
{
    private readonly ImmutableArray<IPNetwork> _networks;

    private AllowedNetworks(ImmutableArray<IPNetwork> networks) => _networks = networks;

    /// <summary>
    /// The networks of stored texts; null for none, which opens to every address. A text that a later version wrote opens nothing here.
    /// </summary>
    public static AllowedNetworks? FromStored(ImmutableArray<string> texts)
    {
        if (texts.IsDefaultOrEmpty)
        {
            return null;
        }

        var networks = ImmutableArray.CreateBuilder<IPNetwork>(texts.Length);
        foreach (var text in texts)
        {
            if (NetworkText.Read(text, out var network) == NetworkFault.None)
            {
                networks.Add(network);
            }
        }

        return new AllowedNetworks(networks.ToImmutable());
    }

    /// <summary>Whether an address is in one of them. What has no address is in none.</summary>
    /// <param name="address">IPv4 as such, not inside of IPv6.</param>
    public bool Contains(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
