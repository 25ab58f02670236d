using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Bench.Seeding;

/// <summary>
/// Takes the indexes off the partitions of <c>events</c> while they are filled, and puts the same back: an index over random ids is built in
/// seconds, but filled row by row it rewrites each of its pages with every checkpoint.
/// </summary>
internal sealed class BarePartitions(NpgsqlDataSource db)
{
    private readonly List<(LedgerWeek Week, List<string> Indexes)> _bare = [];

    /// <summary>The table that takes the rows meanwhile.</summary>
    public const string Table = "events_bare";

    public async Task StripAsync(IEnumerable<LedgerWeek> weeks, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE TABLE {Table} (LIKE events INCLUDING DEFAULTS) PARTITION BY RANGE (received_at)", cancellationToken);
        foreach (var week in weeks)
        {
            await ExecuteAsync($"ALTER TABLE events DETACH PARTITION {week}", cancellationToken);
            List<string> indexes = [], drops = [];
            await using (var select = db.CreateCommand("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1"))
            {
                select.Parameters.Add(new() { Value = week.TableName });
                await using var reader = await select.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    drops.Add($"DROP INDEX {reader.GetString(0)}");
                    indexes.Add(reader.GetString(1));
                }
            }

            foreach (var drop in drops)
            {
                await ExecuteAsync(drop, cancellationToken);
            }

            await AttachAsync(week, Table, cancellationToken);
            _bare.Add((week, indexes));
        }
    }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        foreach (var (week, indexes) in _bare)
        {
            await ExecuteAsync($"ALTER TABLE {Table} DETACH PARTITION {week}", cancellationToken);
            foreach (var index in indexes)
            {
                await ExecuteAsync($"SET maintenance_work_mem = '512MB'; {index}", cancellationToken);
            }

            await AttachAsync(week, "events", cancellationToken);
        }

        await ExecuteAsync($"DROP TABLE {Table}", cancellationToken);
    }

    private Task AttachAsync(LedgerWeek week, string table, CancellationToken cancellationToken) => ExecuteAsync(
        $"ALTER TABLE {table} ATTACH PARTITION {week} FOR VALUES FROM ('{week.Start:yyyy-MM-dd} 00:00Z') TO ('{week.End:yyyy-MM-dd} 00:00Z')",
        cancellationToken);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
