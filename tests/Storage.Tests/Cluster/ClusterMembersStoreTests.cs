using System.Net;
using LlmObserve.Storage.Cluster;

namespace LlmObserve.Storage.Tests.Cluster;

public sealed class ClusterMembersStoreTests(ClusterDatabase database) : IClassFixture<ClusterDatabase>
{
    private static readonly Member s_one = new("10.0.0.1", 11111, 1);
    private static readonly Member s_two = new("10.0.0.2", 11111, 1);

    private readonly Membership _membership = new(database);
    private readonly Membership _other = new(database);

    [Fact]
    public async Task ListActive_OfACluster_LeavesOutTheDeadAndOtherClusters()
    {
        var store = await FillAsync();

        var active = await store.ListActiveAsync(_membership.ClusterId, default);

        Assert.Equal(
            [new ActiveSilo(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 11111), 1, new DateTimeOffset(Membership.Noon)), new(new IPEndPoint(IPAddress.Parse("10.0.0.2"), 11111), 1, new DateTimeOffset(Membership.Noon))],
            active.OrderBy(silo => silo.Endpoint.ToString()));
    }

    [Fact]
    public async Task DeclareDead_SomeOfThem_MovesTheVersionAndLeavesTheRest()
    {
        var store = await FillAsync();
        var before = await _membership.ReadAllAsync();
        var one = (await store.ListActiveAsync(_membership.ClusterId, default)).Single(silo => silo.Endpoint.Address.ToString() == "10.0.0.1");

        await store.DeclareDeadAsync(_membership.ClusterId, [one, one with { Generation = 7 }], default);
        var after = await _membership.ReadAllAsync();
        await store.DeclareDeadAsync(_membership.ClusterId, [one], default);

        Assert.Equal(before.Version + 1, after.Version);
        Assert.Equal("10.0.0.2", Assert.Single(await store.ListActiveAsync(_membership.ClusterId, default)).Endpoint.Address.ToString());
        Assert.Equal(after.Version, (await _membership.ReadAllAsync()).Version);
        Assert.Single(await store.ListActiveAsync(_other.ClusterId, default));
    }

    private async Task<ClusterMembersStore> FillAsync()
    {
        await _membership.StartAsync(s_one, s_two, s_one with { Generation = 0, Status = Membership.Dead });
        await _other.StartAsync(s_one);
        return new ClusterMembersStore(database.Db);
    }
}
