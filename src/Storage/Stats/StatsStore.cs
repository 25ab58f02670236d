using System.Collections.Immutable;
using System.Data;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>
/// Sums for pages, read from the rollups only: how many rows a question reads depends on the window and on how many names the account
/// uses, never on how many events it has.
/// </summary>
public sealed partial class StatsStore(NpgsqlDataSource database)
{
    /// <summary>Rows on a page at most: a screen shows fewer, and a walk through all has the cursor.</summary>
    public const int MaxRows = 200;

    /// <summary>
    /// Rows that are read at once for a file: every read sums all names anew, so they are many, and a read still fits into a few megabytes.
    /// </summary>
    public const int FileRows = 5_000;

    /// <summary>Rows of each short list on the first page.</summary>
    public const int TopRows = 5;

    /// <summary>One page of a list, in the query's order.</summary>
    /// <param name="query">Whose, when and what.</param>
    /// <param name="group">What the rows are.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="rows">How many; at most <see cref="MaxRows"/> for a page that people see, and <see cref="FileRows"/> for a part of a file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatsPage> ListAsync(
        StatsQuery query, StatsGroup group, StatsPosition? after, int rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows is > 0 and <= FileRows, true, nameof(rows));
        if (!StretchCover.Suits(group, query.Filter))
        {
            await using var read = new AccountRead(database, query.Account);
            return await PageAsync(read, StretchCover.Of(query.Plan), query, group, after, rows, cancellationToken);
        }

        // Which closed stretches hold and what is in them has to be of one snapshot.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await ListAsync(transaction, query, group, after, rows, cancellationToken);
    }

    /// <summary>Everything on an account's first page.</summary>
    /// <param name="totals">For the sums and the dearest providers and models.</param>
    /// <param name="customers">The same question by customer.</param>
    /// <param name="before">The same question for the stretch before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatsOverview> OverviewAsync(
        StatsQuery totals, StatsQuery customers, StatsQuery before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(before);

        // Three readers at once: the page waits for the longest, not for the sum.
        var tops = ReadTopsAsync(totals, cancellationToken);
        var dearest = ListAsync(customers, StatsGroup.Customer, null, TopRows, cancellationToken);
        var past = SumAsync(before.Account, before.Filter, [before.Plan], cancellationToken);
        await Task.WhenAll(tops, dearest, past);
        var (now, providers, models) = await tops;
        return new StatsOverview(now, providers, models, await dearest, (await past)[0]);
    }

    /// <summary>The sums of everything, for each of these plans, in one round trip.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="filter">Of what.</param>
    /// <param name="plans">When; one of an empty window has no calls.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<StatsFigures>> SumAsync(
        AccountId account, StatsFilter filter, ImmutableArray<RollupPlan> plans, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        foreach (var plan in plans.Where(plan => !plan.Slices.IsEmpty))
        {
            var sums = new NpgsqlBatchCommand();
            sums.CommandText = new StatsSql(sums.Parameters, account, filter).Totals(plan);
            read.Add(sums);
        }

        var figures = ImmutableArray.CreateBuilder<StatsFigures>(plans.Length);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        foreach (var plan in plans)
        {
            if (plan.Slices.IsEmpty)
            {
                figures.Add(StatsFigures.None);
                continue;
            }

            await reader.ReadAsync(cancellationToken);
            figures.Add(StatsRowReader.Read(reader, 0));
            await reader.NextResultAsync(cancellationToken);
        }

        return figures.MoveToImmutable();
    }

    private static async Task<StatsPage> ListAsync(
        NpgsqlTransaction transaction, StatsQuery query, StatsGroup group, StatsPosition? after, int rows, CancellationToken cancellationToken)
    {
        var cover = StretchCover.Suits(group, query.Filter)
            ? await StretchCover.ReadAsync(transaction, query, cancellationToken)
            : StretchCover.Of(query.Plan);
        await using var read = new AccountRead(transaction, query.Account);
        return await PageAsync(read, cover, query, group, after, rows, cancellationToken);
    }

    private static async Task<StatsPage> PageAsync(
        AccountRead read, StretchCover cover, StatsQuery query, StatsGroup group, StatsPosition? after, int rows, CancellationToken cancellationToken)
    {
        // One row more than asked for tells whether there is a next page.
        var page = new NpgsqlBatchCommand();
        page.CommandText = new StatsSql(page.Parameters, query.Account, query.Filter).Page(cover, group, query.Order, query.Search, after, rows + 1);
        read.Add(page);
        var found = ImmutableArray.CreateBuilder<StatsRow>();
        var (cost, place) = (Usd.Zero, 0L);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new StatsRow(reader.GetString(0), StatsRowReader.Read(reader, 1)));
            cost = new Usd(reader.GetInt64(1 + StatsRowReader.Columns));
            place = found.Count == rows ? reader.GetInt64(2 + StatsRowReader.Columns) : place;
        }

        if (found.Count <= rows)
        {
            return new StatsPage(found.ToImmutable(), cost, null);
        }

        found.Count = rows;
        return new StatsPage(found.ToImmutable(), cost, new StatsPosition(place, found[^1].Name));
    }

    private async Task<(StatsFigures Totals, ImmutableArray<StatsRow> Providers, ImmutableArray<StatsRow> Models)> ReadTopsAsync(
        StatsQuery query, CancellationToken cancellationToken)
    {
        var sums = new NpgsqlBatchCommand();
        sums.CommandText = new StatsSql(sums.Parameters, query.Account, query.Filter).Tops(query.Plan, TopRows);
        await using var read = new AccountRead(database, query.Account);
        read.Add(sums);
        var totals = StatsFigures.None;
        var providers = ImmutableArray.CreateBuilder<StatsRow>();
        var models = ImmutableArray.CreateBuilder<StatsRow>();
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new StatsRow(reader.GetString(1), StatsRowReader.Read(reader, 2));
            switch (reader.GetInt32(0))
            {
                case 0:
                    totals = row.Figures;
                    break;
                case 1:
                    providers.Add(row);
                    break;
                default:
                    models.Add(row);
                    break;
            }
        }

        return (totals, providers.ToImmutable(), models.ToImmutable());
    }
}
