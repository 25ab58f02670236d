using System.Collections.Immutable;
using System.Data;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>Time series.</summary>
public sealed partial class StatsStore
{
    /// <summary>
    /// Names with a series of their own at most: with the longest window's buckets some two thousand points, which a page can still draw.
    /// </summary>
    public const int MaxSeries = 20;

    /// <summary>The dearest names bucket by bucket, and the rest together.</summary>
    /// <param name="query">Whose and what; its plan is that of <paramref name="series"/>.</param>
    /// <param name="series">When.</param>
    /// <param name="group">What the names are; null for one series of everything.</param>
    /// <param name="top">How many names; at most <see cref="MaxSeries"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatsSeriesSet> SeriesAsync(
        StatsQuery query, SeriesPlan series, StatsGroup? group, int top, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(series);
        ArgumentOutOfRangeException.ThrowIfNotEqual(top is > 0 and <= MaxSeries, true, nameof(top));
        return group switch
        {
            null => await SeriesOfAllAsync(query, series, cancellationToken),
            StatsGroup.Customer => await SeriesOfCustomersAsync(query, series, top, cancellationToken),
            { } labels => await SeriesOfLabelsAsync(query, series, labels, top, cancellationToken),
        };
    }

    private async Task<StatsSeriesSet> SeriesOfAllAsync(StatsQuery query, SeriesPlan series, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, query.Account);
        AddSeries(read, query.Plan, query);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return new StatsSeriesSet([(await ReadSeriesAsync(reader, series, "", cancellationToken)).ToSeries()], null);
    }

    private async Task<StatsSeriesSet> SeriesOfLabelsAsync(
        StatsQuery query, SeriesPlan series, StatsGroup group, int top, CancellationToken cancellationToken)
    {
        var cells = new NpgsqlBatchCommand();
        cells.CommandText = new StatsSql(cells.Parameters, query.Account, query.Filter).Series(query.Plan, group, top);
        await using var read = new AccountRead(database, query.Account);
        read.Add(cells);
        var found = new List<SeriesSums>(top);
        SeriesSums? other = null;
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var rank = reader.GetInt32(0);
            if (rank <= top && rank > found.Count)
            {
                found.Add(new SeriesSums(reader.GetString(1), series.Starts.Length));
            }

            AddCell(rank <= top ? found[^1] : other ??= new SeriesSums("", series.Starts.Length), series, reader, 2);
        }

        return new StatsSeriesSet([.. found.Select(sums => sums.ToSeries())], other?.ToSeries());
    }

    /// <summary>
    /// Customers are many, and the days of all of them are not read: the dearest are found as a list finds them, each is looked up, and what
    /// they leave of everything is the rest. All of one snapshot, so that no rest is below zero.
    /// </summary>
    private async Task<StatsSeriesSet> SeriesOfCustomersAsync(StatsQuery query, SeriesPlan series, int top, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var dearest = await ListAsync(transaction, query, StatsGroup.Customer, null, top, cancellationToken);
        await using var read = new AccountRead(transaction, query.Account);
        foreach (var row in dearest.Rows)
        {
            AddSeries(read, query.Plan, query with { Filter = query.Filter with { CustomerId = row.Name } });
        }

        if (dearest.Next is not null)
        {
            AddSeries(read, query.Plan.WithoutCustomers(), query);
        }

        var found = new List<SeriesSums>(top);
        SeriesSums? other = null;
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        foreach (var row in dearest.Rows)
        {
            found.Add(await ReadSeriesAsync(reader, series, row.Name, cancellationToken));
            await reader.NextResultAsync(cancellationToken);
        }

        if (dearest.Next is not null)
        {
            other = await ReadSeriesAsync(reader, series, "", cancellationToken);
            found.ForEach(other.TakeAway);
        }

        return new StatsSeriesSet([.. found.Select(sums => sums.ToSeries())], other?.ToSeries());
    }

    private static void AddSeries(AccountRead read, RollupPlan plan, StatsQuery query)
    {
        var cells = new NpgsqlBatchCommand();
        cells.CommandText = new StatsSql(cells.Parameters, query.Account, query.Filter).Series(plan);
        read.Add(cells);
    }

    private static async Task<SeriesSums> ReadSeriesAsync(NpgsqlDataReader reader, SeriesPlan series, string name, CancellationToken cancellationToken)
    {
        var sums = new SeriesSums(name, series.Starts.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            AddCell(sums, series, reader, 0);
        }

        return sums;
    }

    private static void AddCell(SeriesSums sums, SeriesPlan series, NpgsqlDataReader reader, int first) => sums.Add(
        series.IndexOf(reader.GetFieldValue<DateTimeOffset>(first)),
        new Usd(reader.GetInt64(first + 1)),
        reader.GetInt64(first + 2),
        reader.GetInt64(first + 3));
}
