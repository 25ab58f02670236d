using System.Net;
using Npgsql;

namespace LlmObserve.Storage.Cluster;

/// <summary>A silo that the membership table holds for active.</summary>
/// <param name="Endpoint">Where other silos reach it.</param>
/// <param name="Generation">Tells apart the processes that have had this address, one after another.</param>
/// <param name="AliveAt">When it last said that it lives, by its own clock.</param>
public sealed record ActiveSilo(IPEndPoint Endpoint, int Generation, DateTimeOffset AliveAt);

/// <summary>The membership table of <c>sql/orleans</c>, for what Orleans itself does not do with it.</summary>
public sealed class ClusterMembersStore(NpgsqlDataSource db)
{
    // As Orleans numbers them.
    private const int Active = 3;
    private const int Dead = 6;

    /// <summary>The silos that count as active, and have to answer before another may join.</summary>
    public async Task<IReadOnlyList<ActiveSilo>> ListActiveAsync(string cluster, CancellationToken cancellationToken)
    {
        await using var select = db.CreateCommand(
            "SELECT address, port, generation, alive_at FROM orleans_members WHERE cluster_id = $1 AND status = $2");
        select.Parameters.Add(new() { Value = cluster });
        select.Parameters.Add(new() { Value = Active });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        List<ActiveSilo> members = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(new ActiveSilo(
                new IPEndPoint(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1)), reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return members;
    }

    /// <summary>
    /// Declares these dead, as another silo would have. One of them that lives after all finds that out and ends; the ledger's fence keeps it from
    /// counting anything meanwhile.
    /// </summary>
    public async Task DeclareDeadAsync(string cluster, IReadOnlyCollection<ActiveSilo> members, CancellationToken cancellationToken)
    {
        await using var update = db.CreateCommand(
            """
            WITH locked AS (SELECT cluster_id FROM orleans_clusters WHERE cluster_id = $1 FOR UPDATE),
            gone AS (
              UPDATE orleans_members m SET status = $2
              FROM locked, unnest($3, $4, $5) AS g (address, port, generation)
              WHERE m.cluster_id = locked.cluster_id AND m.address = g.address AND m.port = g.port AND m.generation = g.generation AND m.status = $6
              RETURNING 1)
            UPDATE orleans_clusters SET version = version + 1 WHERE cluster_id = $1 AND EXISTS (SELECT FROM gone)
            """);
        update.Parameters.Add(new() { Value = cluster });
        update.Parameters.Add(new() { Value = Dead });
        update.Parameters.Add(new() { Value = members.Select(member => member.Endpoint.Address.ToString()).ToArray() });
        update.Parameters.Add(new() { Value = members.Select(member => member.Endpoint.Port).ToArray() });
        update.Parameters.Add(new() { Value = members.Select(member => member.Generation).ToArray() });
        update.Parameters.Add(new() { Value = Active });
        await update.ExecuteNonQueryAsync(cancellationToken);
    }
}
