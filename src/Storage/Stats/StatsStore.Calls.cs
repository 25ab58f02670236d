using System.Collections.Immutable;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>Lists by provider and model, or by provider and kind of service.</summary>
public sealed partial class StatsStore
{
    /// <summary>One page of such a list, in the query's order.</summary>
    /// <param name="query">Whose, when and what, also which kinds of calls.</param>
    /// <param name="group">What the rows are.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="rows">How many; at most <see cref="MaxRows"/> for a page that people see, and <see cref="FileRows"/> for a part of a file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatsCallsPage> ListCallsAsync(
        StatsQuery query, StatsCallsGroup group, StatsCallsPosition? after, int rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows is > 0 and <= FileRows, true, nameof(rows));
        var page = new NpgsqlBatchCommand();

        // One row more than asked for tells whether there is a next page.
        page.CommandText = new StatsSql(page.Parameters, query.Account, query.Filter).Calls(query.Plan, group, query.Order, query.Search, after, rows + 1);
        await using var read = new AccountRead(database, query.Account);
        read.Add(page);
        var totals = new StatsCallsRow("", "", StatsFigures.None, 0, 0, 0);
        var found = ImmutableArray.CreateBuilder<StatsCallsRow>();
        var last = 0L;
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var kinds = 3 + StatsRowReader.Columns;
            var row = new StatsCallsRow(
                reader.GetString(1), reader.GetString(2), StatsRowReader.Read(reader, 3), reader.GetInt64(kinds), reader.GetInt64(kinds + 1), reader.GetInt64(kinds + 2));
            if (reader.GetInt32(0) == 0)
            {
                totals = row;
            }
            else
            {
                found.Add(row);
                last = found.Count == rows ? reader.GetInt64(kinds + 3) : last;
            }
        }

        if (found.Count <= rows)
        {
            return new StatsCallsPage(found.ToImmutable(), totals, null);
        }

        found.Count = rows;
        return new StatsCallsPage(
            found.ToImmutable(), totals, new StatsCallsPosition(last, found[^1].Provider, found[^1].Name));
    }
}
