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

        await _cluster.AssertMembersAsync(0);
    }

    [Fact]
    public async Task InsertVersion_ManyAtOnce_CreatesOnce()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _cluster.InsertVersionAsync()));

        Assert.Single(created, won => won);
    }

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
        await _cluster.StartAsync(s_first);

        Assert.False(await _cluster.InsertAsync(s_first with { SiloName = "other" }, 1));

        await _cluster.AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Insert_SameAddressNextGeneration_IsAnotherMember()
    {
        var next = s_first with { Generation = 2 };
        await _cluster.StartAsync(s_first);

        Assert.True(await _cluster.InsertAsync(next, 1));

        Assert.Equal([s_first], (await _cluster.ReadAsync(s_first)).Members);
        Assert.Equal([next], (await _cluster.ReadAsync(next)).Members);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Insert_WrongVersion_IsRefused(int version)
    {
        await _cluster.StartAsync(s_first);

        Assert.False(await _cluster.InsertAsync(s_second, version));

        await _cluster.AssertMembersAsync(1, s_first);
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
        await _cluster.StartAsync(s_first, s_second);
        const string Suspects = "10.0.0.3:1@1,2026-03-01 12:00:00.000 GMT";
        var suspected = s_first with { Status = Dead, SuspectTimes = Suspects, AliveTime = Noon.AddSeconds(5) };

        // What an update does not carry stays as it was inserted.
        Assert.True(await _cluster.UpdateAsync(suspected with { SiloName = "not sent" }, 2));
        await _cluster.AssertMembersAsync(3, suspected, s_second);

        Assert.True(await _cluster.UpdateAsync(s_first, 3));
        await _cluster.AssertMembersAsync(4, s_first, s_second);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Update_WrongVersion_IsRefused(int version)
    {
        await _cluster.StartAsync(s_first);

        Assert.False(await _cluster.UpdateAsync(s_first with { Status = Dead }, version));

        await _cluster.AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Update_UnknownMember_IsRefusedAndKeepsTheVersion()
    {
        await _cluster.StartAsync(s_first);

        Assert.False(await _cluster.UpdateAsync(s_second, 1));

        await _cluster.AssertMembersAsync(1, s_first);
    }

    [Fact]
    public async Task Update_ManyOnOneVersion_OneWins()
    {
        await _cluster.StartAsync(s_first, s_second);
        for (var version = 2; version < 12; version++)
        {
            var expected = version;
            var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(
                i => _cluster.UpdateAsync((i % 2 == 0 ? s_first : s_second) with { SuspectTimes = $"{expected}/{i}" }, expected)));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => won[i]);
            var (now, members) = await _cluster.ReadAllAsync();
            Assert.Equal(expected + 1, now);
            var ofThisRound = members
                .Select(member => member.SuspectTimes ?? "")
                .Where(text => text.StartsWith($"{expected}/", StringComparison.Ordinal));
            Assert.Equal([$"{expected}/{winner}"], ofThisRound);
        }
    }

    [Fact]
    public async Task Update_MemberRemovedMeanwhile_IsRefusedAndKeepsTheVersion()
    {
        await _cluster.StartAsync(s_first, s_second);
        Task<bool> update;
        var removal = $"DELETE FROM orleans_members WHERE cluster_id = '{_cluster.ClusterId}' AND port = {s_first.Port}";
        await using (await database.HoldAsync(removal))
        {
            update = _cluster.UpdateAsync(s_first with { Status = Dead }, 2);
            await database.AwaitLockWaitersAsync(1);
        }

        Assert.False(await update);
        await _cluster.AssertMembersAsync(2, s_second);
    }
}
