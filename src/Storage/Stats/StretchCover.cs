using System.Collections.Immutable;
using System.Data;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>
/// What a plan is read from: closed stretches in place of most days where these hold, and the slices of other rollups between them. It
/// holds in the snapshot that it was read in, and in no other.
/// </summary>
/// <param name="Stretches">Ids of the stretches; none overlaps another.</param>
/// <param name="Slices">The rest of the plan's window.</param>
/// <param name="Beyond">What of the stretches lies outside the window, to be taken away: fewer days than to add what lies in it.</param>
internal sealed record StretchCover(ImmutableArray<long> Stretches, ImmutableArray<RollupSlice> Slices, ImmutableArray<RollupSlice> Beyond)
{
    /// <summary>The plan as it stands.</summary>
    public static StretchCover Of(RollupPlan plan) => new([], plan.Slices, []);

    /// <summary>Whether closed stretches can answer: they tell customers apart and no kinds of calls, and have nothing for one customer that a look-up has not.</summary>
    public static bool Suits(StatsGroup group, StatsFilter filter) => group == StatsGroup.Customer && filter is { CustomerId: null, Kind: StatsKind.All };

    /// <summary>Finds the stretches that hold in the snapshot of this transaction.</summary>
    public static async Task<StretchCover> ReadAsync(NpgsqlTransaction transaction, StatsQuery query, CancellationToken cancellationToken)
    {
        if (transaction.IsolationLevel != IsolationLevel.RepeatableRead)
        {
            throw new ArgumentException("What holds in one snapshot need not hold in the next.", nameof(transaction));
        }

        var stretches = ImmutableArray.CreateBuilder<long>();
        var slices = ImmutableArray.CreateBuilder<RollupSlice>();
        var beyond = ImmutableArray.CreateBuilder<RollupSlice>();
        foreach (var slice in query.Plan.Slices)
        {
            if (slice.Rollup != Rollup.Day && slice.Rollup != Rollup.DayCustomer)
            {
                slices.Add(slice);
                continue;
            }

            var at = slice.From;
            foreach (var (id, from, to) in await HeldAsync(transaction, query, slice, cancellationToken))
            {
                var (begins, ends) = (from > slice.From ? from : slice.From, to < slice.To ? to : slice.To);
                if (ends - begins <= (begins - from) + (to - ends))
                {
                    continue;
                }

                stretches.Add(id);
                AddUnlessEmpty(slices, slice with { From = at, To = begins });
                AddUnlessEmpty(beyond, slice with { From = from, To = begins });
                AddUnlessEmpty(beyond, slice with { From = ends, To = to });
                at = ends;
            }

            AddUnlessEmpty(slices, slice with { From = at });
        }

        return new StretchCover(stretches.ToImmutable(), slices.ToImmutable(), beyond.ToImmutable());
    }

    private static void AddUnlessEmpty(ImmutableArray<RollupSlice>.Builder slices, RollupSlice slice)
    {
        if (slice.From < slice.To)
        {
            slices.Add(slice);
        }
    }

    private static async Task<List<(long Id, DateTimeOffset From, DateTimeOffset To)>> HeldAsync(
        NpgsqlTransaction transaction, StatsQuery query, RollupSlice slice, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(transaction, query.Account);
        read.Add(new NpgsqlBatchCommand(
            $"""
            SELECT s.id, s.from_day, s.to_day FROM {LedgerStretches.Table} s
            WHERE s.account_id = $1 AND s.from_day < $3 AND s.to_day > $2 AND {LedgerStretches.HoldsSql}
            ORDER BY s.from_day
            """)
        {
            Parameters = { new() { Value = query.Account.Value }, Parameters.Instant(slice.From), Parameters.Instant(slice.To) },
        });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        List<(long Id, DateTimeOffset From, DateTimeOffset To)> held = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add((reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return held;
    }
}
