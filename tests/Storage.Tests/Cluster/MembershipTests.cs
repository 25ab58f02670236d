using static LlmObserve.Storage.Tests.Cluster.Membership;

namespace LlmObserve.Storage.Tests.Cluster;

public sealed class MembershipTests(ClusterDatabase database) : IClassFixture<ClusterDatabase>
{
    private static readonly Member s_first = new("10.0.0.1", 11111, 1);
    private static readonly Member s_second = new("10.0.0.1", 11112, 1);

    private readonly Membership _cluster = new(database);

    [Fact]
    public void Queries_OfBothFiles_AreExactlyWhatTheProvidersAskFor() => Assert.Equal(
        [
            "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteStorageKey", "GatewaysQueryKey",
            "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey",
            "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "WriteToStorageKey",
        ],
        database.Queries.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task InsertVersion_Twice_CreatesOnce()
    {
        Assert.True(await _cluster.InsertVersionAsync());
        Assert.False(await _cluster.InsertVersionAsync());

        await AssertMembersAsync(0);
    }

    [Fact]
    public async Task InsertVersion_ManyAtOnce_CreatesOnce()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _cluster.InsertVersionAsync()));

        Assert.Single(created, won => won);
    }

    [Fact]
    public Task ReadAll_NoVersion_HasNoRow() => AssertMembersAsync(null);

    [Fact]
    public async Task Insert_NoVersion_IsRefused() => Assert.False(await _cluster.InsertAsync(s_first, 0));

    [Fact]
    public async Task Insert_ReadBack_IsTheSame()
    {
        var member = s_first with { SiloName = "a", HostName = "b", Status = Joining, GatewayPort = 0, AliveTime = Noon.AddTicks(70) };
        await _cluster.InsertVersionAsync();

        Assert.True(await _cluster.InsertAsync(member, 0));

        var (version, members) = await _cluster.ReadAllAsync();
        Assert.Equal(1, version);
        Assert.Equal(member, Assert.Single(members));
        Assert.Equal(DateTimeKind.Utc, members[0].StartTime.Kind);
    }

    [Fact]
    public async Task Insert_SameMemberAgain_IsRefusedAndKeepsTheVersion()
    {
        await StartAsync(s_first);

        Assert.False(await _cluster.InsertAsync(s_first with { SiloName = "other" }, 1));

        await AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Insert_SameAddressNextGeneration_IsAnotherMember()
    {
        var next = s_first with { Generation = 2 };
        await StartAsync(s_first);

        Assert.True(await _cluster.InsertAsync(next, 1));

        Assert.Equal([s_first], (await _cluster.ReadAsync(s_first)).Members);
        Assert.Equal([next], (await _cluster.ReadAsync(next)).Members);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Insert_WrongVersion_IsRefused(int version)
    {
        await StartAsync(s_first);

        Assert.False(await _cluster.InsertAsync(s_second, version));

        await AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Insert_ManyOnOneVersion_OneWins()
    {
        await _cluster.InsertVersionAsync();
        for (var round = 0; round < 10; round++)
        {
            var version = round;
            var won = await Task.WhenAll(
                Enumerable.Range(0, 16).Select(port => _cluster.InsertAsync(new("10.0.0.2", port, version), version)));

            Assert.Single(won, inserted => inserted);
            var (now, members) = await _cluster.ReadAllAsync();
            Assert.Equal((version + 1, version + 1), (now, members.Count));
        }
    }

    [Fact]
    public async Task Update_RightVersion_ChangesTheMemberAndRaisesTheVersion()
    {
        await StartAsync(s_first, s_second);
        var suspected = s_first with { Status = Dead, SuspectTimes = "10.0.0.3:1@1,2026-03-01 12:00:00.000 GMT", AliveTime = Noon.AddSeconds(5) };

        // What an update does not carry stays as it was inserted.
        Assert.True(await _cluster.UpdateAsync(suspected with { SiloName = "not sent" }, 2));
        await AssertMembersAsync(3, suspected, s_second);

        Assert.True(await _cluster.UpdateAsync(s_first, 3));
        await AssertMembersAsync(4, s_first, s_second);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Update_WrongVersion_IsRefused(int version)
    {
        await StartAsync(s_first);

        Assert.False(await _cluster.UpdateAsync(s_first with { Status = Dead }, version));

        await AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Update_UnknownMember_IsRefusedAndKeepsTheVersion()
    {
        await StartAsync(s_first);

        Assert.False(await _cluster.UpdateAsync(s_second, 1));

        await AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Update_ManyOnOneVersion_OneWins()
    {
        await StartAsync(s_first, s_second);
        for (var version = 2; version < 12; version++)
        {
            var expected = version;
            var won = await Task.WhenAll(
                Enumerable.Range(0, 16).Select(i => _cluster.UpdateAsync((i % 2 == 0 ? s_first : s_second) with { SuspectTimes = $"{expected}/{i}" }, expected)));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => won[i]);
            var (now, members) = await _cluster.ReadAllAsync();
            Assert.Equal(expected + 1, now);
            Assert.Equal([$"{expected}/{winner}"], members.Select(member => member.SuspectTimes).Where(text => text?.StartsWith($"{expected}/", StringComparison.Ordinal) == true));
        }
    }

    [Fact]
    public async Task Update_MemberRemovedMeanwhile_IsRefusedAndKeepsTheVersion()
    {
        await StartAsync(s_first, s_second);
        Task<bool> update;
        await using (await database.HoldAsync($"DELETE FROM orleans_members WHERE cluster_id = '{_cluster.ClusterId}' AND port = {s_first.Port}"))
        {
            update = _cluster.UpdateAsync(s_first with { Status = Dead }, 2);
            await database.AwaitLockWaitersAsync(1);
        }

        Assert.False(await update);
        await AssertMembersAsync(2, s_second);
    }

    [Fact]
    public async Task Alive_Member_ChangesItsTimeAloneAndKeepsTheVersion()
    {
        await StartAsync(s_first, s_second);

        await _cluster.AliveAsync(s_first, Noon.AddMinutes(1));

        await AssertMembersAsync(2, s_first with { AliveTime = Noon.AddMinutes(1) }, s_second);
    }

    [Fact]
    public async Task Alive_WhileTheClusterChanges_DoesNotWait()
    {
        await StartAsync(s_first);
        await using (await database.HoldAsync($"UPDATE orleans_clusters SET version = 7 WHERE cluster_id = '{_cluster.ClusterId}'"))
        {
            await _cluster.AliveAsync(s_first, Noon.AddMinutes(1));
        }

        await AssertMembersAsync(7, s_first with { AliveTime = Noon.AddMinutes(1) });
    }

    [Fact]
    public async Task ReadRow_UnknownMember_HasTheVersionAlone()
    {
        await StartAsync(s_first);

        var (version, members) = await _cluster.ReadAsync(s_second);
        Assert.Equal(1, version);
        Assert.Empty(members);
    }

    [Fact]
    public async Task Gateways_AreThoseOfTheStatusWithAPort()
    {
        await StartAsync(
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
        await StartAsync(s_first, s_second);

        await _cluster.DeleteAsync();

        await AssertMembersAsync(null);
        Assert.Empty(await _cluster.GatewaysAsync());
        Assert.Single((await other.ReadAllAsync()).Members);
        Assert.True(await _cluster.InsertVersionAsync());
        await AssertMembersAsync(0);
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
        await StartAsync(active, dead, joining, recentlyAlive, recentlyStarted);

        await _cluster.CleanUpAsync(Noon.AddDays(-7));

        await AssertMembersAsync(5, active, recentlyAlive, recentlyStarted);
        Assert.Equal([dead], (await other.ReadAllAsync()).Members);
    }

    private async Task StartAsync(params Member[] members)
    {
        Assert.True(await _cluster.InsertVersionAsync());
        for (var version = 0; version < members.Length; version++)
        {
            Assert.True(await _cluster.InsertAsync(members[version], version));
        }
    }

    private async Task AssertMembersAsync(int? version, params Member[] expected)
    {
        var (now, members) = await _cluster.ReadAllAsync();
        Assert.Equal(version, now);
        Assert.Equal(expected, members);
    }
}
