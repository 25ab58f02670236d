using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>Sections.</summary>
public sealed partial class StatsStore
{
    /// <summary>Sections in one answer: as many as a day counts by name. Over more days all others are put together as on a day.</summary>
    public const int MaxSections = SectionPaths.MaxPerDay;

    /// <summary>The section paths of a window by cost; <see cref="SectionPaths.Others"/> stands for all that have no row of their own.</summary>
    public Task<ImmutableArray<StatsRow>> ListSectionsAsync(StatsQuery query, CancellationToken cancellationToken) =>
        ReadRowsAsync(query, sql => sql.Sections(query.Plan, MaxSections), cancellationToken);

    /// <summary>One section: itself under an empty name, and its children with all below them by cost. Empty where there is nothing.</summary>
    public Task<ImmutableArray<StatsRow>> GetSectionAsync(StatsQuery query, string path, CancellationToken cancellationToken) =>
        ReadRowsAsync(query, sql => sql.Section(query.Plan, path, MaxSections), cancellationToken);

    private async Task<ImmutableArray<StatsRow>> ReadRowsAsync(StatsQuery query, Func<StatsSql, string> text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var rows = new NpgsqlBatchCommand();
        rows.CommandText = text(new StatsSql(rows.Parameters, query.Account, query.Filter));
        await using var read = new AccountRead(database, query.Account);
        read.Add(rows);
        var found = ImmutableArray.CreateBuilder<StatsRow>();
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new StatsRow(reader.GetString(0), StatsRowReader.Read(reader, 1)));
        }

        return found.ToImmutable();
    }
}
