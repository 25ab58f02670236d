using System.Net;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Domain.Tests.Keys;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7/32", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:DB8:0::1", "2001:db8::1")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("::/0", "::/0")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.0/120", "203.0.113.0/24")]
    public void Read_OfAnAddressOrNetwork_GivesItInOneNotation(string text, string canonical)
    {
        Assert.Equal(NetworkFault.None, NetworkText.Read(text, out var network));
        Assert.Equal(canonical, NetworkText.ToText(network));
        Assert.Equal(NetworkFault.None, NetworkText.Read(canonical, out var again));
        Assert.Equal(network, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.1:80")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("localhost")]
    [InlineData("*")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("::/129")]
    [InlineData("/8")]
    public void Read_OfAnythingElse_IsMalformed(string text) => Assert.Equal(NetworkFault.Malformed, NetworkText.Read(text, out _));

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("2001:db8::1/32")]
    [InlineData("::ffff:203.0.113.7/120")]
    public void Read_OfAnAddressWithAShorterPrefix_IsASlip(string text) => Assert.Equal(NetworkFault.HostBits, NetworkText.Read(text, out _));

    [Theory]
    [InlineData("203.0.113.255", true)]
    [InlineData("203.0.114.0", false)]
    [InlineData("2001:db8:ffff::", true)]
    [InlineData("2001:db9::", false)]
    [InlineData("::1", false)]
    public void Contains_OfAnAddress_LooksAtEveryNetwork(string address, bool isIn)
    {
        var networks = AllowedNetworks.FromStored(["198.51.100.7", "203.0.113.0/24", "2001:db8::/32"]);

        Assert.Equal(isIn, networks!.Contains(IPAddress.Parse(address)));
    }

    [Fact]
    public void FromStored_WithoutAnyNetwork_OpensToAll()
    {
        Assert.Null(AllowedNetworks.FromStored([]));
        Assert.Null(AllowedNetworks.FromStored(default));
    }

    [Fact]
    public void FromStored_OfWhatALaterVersionWrote_OpensNothing() =>
        Assert.False(AllowedNetworks.FromStored(["office"])!.Contains(IPAddress.Loopback));
}
