using static LlmObserve.Storage.Tests.Cluster.Membership;

namespace LlmObserve.Storage.Tests.Cluster;

public sealed class MembershipQueryTests(ClusterDatabase database) : IClassFixture<ClusterDatabase>
{
    private static readonly Member s_first = new("10.0.0.1", 11111, 1);
    private static readonly Member s_second = new("10.0.0.1", 11112, 1);

    private readonly Membership _cluster = new(database);

    [Fact]
    public Task ReadAll_NoVersion_HasNoRow() => _cluster.AssertMembersAsync(null);

    [Fact]
    public async Task Alive_Member_ChangesItsTimeAloneAndKeepsTheVersion()
    {
        await _cluster.StartAsync(s_first, s_second);

        await _cluster.AliveAsync(s_first, Noon.AddMinutes(1));

        await _cluster.AssertMembersAsync(2, s_first with { AliveTime = Noon.AddMinutes(1) }, s_second);
    }

    [Fact]
    public async Task Alive_WhileTheClusterChanges_DoesNotWait()
    {
        await _cluster.StartAsync(s_first);
        await using (await database.HoldAsync($"UPDATE orleans_clusters SET version = 7 WHERE cluster_id = '{_cluster.ClusterId}'"))
        {
            await _cluster.AliveAsync(s_first, Noon.AddMinutes(1));
        }

        await _cluster.AssertMembersAsync(7, s_first with { AliveTime = Noon.AddMinutes(1) });
    }

    [Fact]
    public async Task ReadRow_UnknownMember_HasTheVersionAlone()
    {
        await _cluster.StartAsync(s_first);

        var (version, members) = await _cluster.ReadAsync(s_second);
        Assert.Equal(1, version);
        Assert.Empty(members);
    }

    [Fact]
    public async Task Gateways_AreThoseOfTheStatusWithAPort()
    {
        await _cluster.StartAsync(
            s_first with { GatewayPort = 30001 },
            s_second with { GatewayPort = 0 },
            s_first with { Port = 3, Status = Joining },
            s_first with { Port = 4, Status = Dead },
            s_first with { Port = 5, Address = "10.0.0.9", Generation = 9 });

        Assert.Equal([("10.0.0.1", 30001, 1), ("10.0.0.9", 30000, 9)], await _cluster.GatewaysAsync());
        Assert.Equal([("10.0.0.1", 30000, 1)], await _cluster.GatewaysAsync(Joining));
    }

    [Fact]
    public async Task Delete_Cluster_LeavesTheOthers()
    {
        var other = new Membership(database);
        await other.InsertVersionAsync();
        await other.InsertAsync(s_first, 0);
        await _cluster.StartAsync(s_first, s_second);

        await _cluster.DeleteAsync();

        await _cluster.AssertMembersAsync(null);
        Assert.Empty(await _cluster.GatewaysAsync());
        Assert.Single((await other.ReadAllAsync()).Members);
        Assert.True(await _cluster.InsertVersionAsync());
        await _cluster.AssertMembersAsync(0);
    }

    [Fact]
    public async Task CleanUp_RemovesWhatIsNotActiveAndSilentSinceThen()
    {
        var old = Noon.AddDays(-10);
        var active = new Member("10.0.0.1", 1, 1) { StartTime = old, AliveTime = old };
        var dead = new Member("10.0.0.1", 2, 1) { StartTime = old, AliveTime = old, Status = Dead };
        var joining = new Member("10.0.0.1", 3, 1) { StartTime = old, AliveTime = old, Status = Joining };
        var recentlyAlive = new Member("10.0.0.1", 4, 1) { StartTime = old, AliveTime = Noon, Status = Dead };
        var recentlyStarted = new Member("10.0.0.1", 5, 1) { StartTime = Noon, AliveTime = old, Status = Dead };
        var other = new Membership(database);
        await other.InsertVersionAsync();
        await other.InsertAsync(dead, 0);
        await _cluster.StartAsync(active, dead, joining, recentlyAlive, recentlyStarted);

        await _cluster.CleanUpAsync(Noon.AddDays(-7));

        await _cluster.AssertMembersAsync(5, active, recentlyAlive, recentlyStarted);
        Assert.Equal([dead], (await other.ReadAllAsync()).Members);
    }
}
