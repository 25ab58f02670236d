using System.Data;

namespace LlmObserve.Storage.Tests.Cluster;

/// <summary>A process of a cluster. Two at one address and port differ by generation.</summary>
public sealed record Member(string Address, int Port, int Generation)
{
    public string SiloName { get; init; } = "silo";

    public string HostName { get; init; } = "host";

    public int Status { get; init; } = Membership.Active;

    public int GatewayPort { get; init; } = 30000;

    public string? SuspectTimes { get; init; }

    public DateTime StartTime { get; init; } = Membership.Noon;

    public DateTime AliveTime { get; init; } = Membership.Noon;
}

/// <summary>One cluster's membership, as Orleans' clustering calls the stored texts.</summary>
public sealed class Membership(ClusterDatabase database)
{
    public const int Joining = 2;
    public const int Active = 3;
    public const int Dead = 6;

    public static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    public string ClusterId { get; } = Guid.NewGuid().ToString();

    public Task<bool> InsertVersionAsync() => database.AskAsync("InsertMembershipVersionKey", Cluster());

    public Task<bool> InsertAsync(Member member, int version) => database.AskAsync(
        "InsertMembershipKey",
        [
            Cluster(),
            Argument.Of("IAmAliveTime", member.AliveTime),
            Argument.Of("SiloName", member.SiloName),
            Argument.Of("HostName", member.HostName),
            .. Silo(member),
            Argument.Of("StartTime", member.StartTime),
            Argument.Of("Status", member.Status),
            Argument.Of("ProxyPort", member.GatewayPort),
            Argument.Of("Version", version),
        ]);

    public Task<bool> UpdateAsync(Member member, int version) => database.AskAsync(
        "UpdateMembershipKey",
        [
            Cluster(),
            .. Silo(member),
            Argument.Of("IAmAliveTime", member.AliveTime),
            Argument.Of("Status", member.Status),
            Argument.Of("SuspectTimes", member.SuspectTimes),
            Argument.Of("Version", version),
        ]);

    public Task AliveAsync(Member member, DateTime time) =>
        database.RunAsync("UpdateIAmAlivetimeKey", [Cluster(), .. Silo(member), Argument.Of("IAmAliveTime", time)]);

    public async Task<(int? Version, List<Member> Members)> ReadAsync(Member member) =>
        Snapshot(await database.RunAsync("MembershipReadRowKey", FromRow, [Cluster(), .. Silo(member)]));

    public async Task<(int? Version, List<Member> Members)> ReadAllAsync() =>
        Snapshot(await database.RunAsync("MembershipReadAllKey", FromRow, Cluster()));

    public async Task<List<(string Address, int Port, int Generation)>> GatewaysAsync(int status = Active)
    {
        var gateways = await database.RunAsync(
            "GatewaysQueryKey",
            row => ((string)Value(row, "Address"), Int(row, "ProxyPort"), Int(row, "Generation")),
            Cluster(),
            Argument.Of("Status", status));
        return [.. gateways.Order()];
    }

    public Task DeleteAsync() => database.RunAsync("DeleteMembershipTableEntriesKey", Cluster());

    public Task CleanUpAsync(DateTime before) =>
        database.RunAsync("CleanupDefunctSiloEntriesKey", Cluster(), Argument.Of("IAmAliveTime", before));

    /// <summary>Begins the cluster with these members, one after another.</summary>
    public async Task StartAsync(params Member[] members)
    {
        Assert.True(await InsertVersionAsync());
        for (var version = 0; version < members.Length; version++)
        {
            Assert.True(await InsertAsync(members[version], version));
        }
    }

    /// <summary>Fails unless the cluster has this version, null for none, and exactly these members, by port.</summary>
    public async Task AssertMembersAsync(int? version, params Member[] expected)
    {
        var (now, members) = await ReadAllAsync();
        Assert.Equal(version, now);
        Assert.Equal(expected, members);
    }

    private Argument Cluster() => Argument.Of("DeploymentId", ClusterId);

    private static Argument[] Silo(Member member) =>
        [Argument.Of("Address", member.Address), Argument.Of("Port", member.Port), Argument.Of("Generation", member.Generation)];

    /// <summary>A row without a start time has no member.</summary>
    private static (int Version, Member? Member) FromRow(IDataRecord row)
    {
        var version = Convert.ToInt32(Value(row, "Version"));
        if (row.IsDBNull(row.GetOrdinal("StartTime")))
        {
            return (version, null);
        }

        var suspects = row.GetOrdinal("SuspectTimes");
        return (version, new((string)Value(row, "Address"), Int(row, "Port"), Int(row, "Generation"))
        {
            SiloName = (string)Value(row, "SiloName"),
            HostName = (string)Value(row, "HostName"),
            Status = Int(row, "Status"),
            GatewayPort = Int(row, "ProxyPort"),
            SuspectTimes = row.IsDBNull(suspects) ? null : (string)row.GetValue(suspects),
            StartTime = row.GetDateTime(row.GetOrdinal("StartTime")),
            AliveTime = row.GetDateTime(row.GetOrdinal("IAmAliveTime")),
        });
    }

    /// <summary>Either every row has a member or one row has none.</summary>
    private static (int? Version, List<Member> Members) Snapshot(List<(int Version, Member? Member)> rows)
    {
        if (rows.Count == 0)
        {
            return (null, []);
        }

        Assert.True(rows.Count == 1 || rows.TrueForAll(row => row.Member is not null));
        var members = rows.Select(row => row.Member).OfType<Member>().OrderBy(member => member.Port);
        return (rows.Select(row => row.Version).Distinct().Single(), [.. members]);
    }

    private static object Value(IDataRecord row, string column) => row.GetValue(row.GetOrdinal(column));

    private static int Int(IDataRecord row, string column) => row.GetInt32(row.GetOrdinal(column));
}
