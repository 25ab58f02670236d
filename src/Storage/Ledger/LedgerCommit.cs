using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using Npgsql;
using Account = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.CommitPart>;
using Delta = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.RollupDelta>;
using Ordinal = LlmObserve.Storage.Ledger.ArrayColumns<int>;
using Overrun = LlmObserve.Storage.Ledger.ArrayColumns<LlmObserve.Storage.Ledger.OverrunDelta>;

namespace LlmObserve.Storage.Ledger;

/// <summary>One account's part of a commit: those rows of its batch that are not known to be duplicates.</summary>
internal sealed record CommitPart(AccountId Account, long Epoch, long ExpectedSeq, ImmutableArray<LedgerRow> Rows)
{
    /// <summary>Throws <see cref="OverflowException"/> beyond the range of money.</summary>
    public long CostNanos { get; } = Rows.Aggregate(0L, (sum, row) => checked(sum + row.Event.Cost.Nanos));
}

/// <summary>Several accounts' parts, all received in one week, as the parameters of <see cref="CommitStatement"/>.</summary>
internal sealed class LedgerCommit
{
    private static readonly ImmutableArray<ArrayColumn<CommitPart>> s_accountColumns =
    [
        Account.Uuid("account_id", part => part.Account.Value),
        Account.Bigint("epoch", part => part.Epoch),
        Account.Bigint("seq", part => part.ExpectedSeq),
        Account.Bigint("calls", part => part.Rows.Length),
        Account.Bigint("cost_nanos", part => part.CostNanos),
    ];

    private static readonly ArrayColumn<int> s_ordinal = Ordinal.Integer("no", no => no);
    private static readonly ArrayColumn<RollupDelta> s_deltaAccount = Delta.Integer("no", delta => delta.Key.Account);
    private static readonly ArrayColumn<OverrunDelta> s_overrunAccount = Overrun.Integer("no", delta => delta.Account);

    private readonly LedgerRow[] _rows;
    private readonly int[] _rowAccounts;
    private readonly int[] _rowPlaces;
    private readonly SettledHold?[] _holds;
    private readonly RollupDelta[][] _deltas;
    private readonly OverrunDelta[] _overruns;

    /// <summary>Throws <see cref="OverflowException"/> where a part's measures add up beyond their range.</summary>
    public LedgerCommit(LedgerWeek week, ImmutableArray<CommitPart> parts)
    {
        Week = week;
        Parts = parts;
        var count = parts.Sum(part => part.Rows.Length);
        _rows = new LedgerRow[count];
        _rowAccounts = new int[count];
        _rowPlaces = new int[count];
        _holds = new SettledHold?[count];
        var at = 0;
        for (var no = 1; no <= parts.Length; no++)
        {
            var place = 0;
            foreach (var row in parts[no - 1].Rows)
            {
                (_rows[at], _rowAccounts[at], _rowPlaces[at], _holds[at]) = (row, no, ++place, row.Hold);
                at++;
            }
        }

        _deltas = [.. Rollup.All.Select(rollup => rollup.DeltasOf(_rows, _rowAccounts))];
        _overruns = OverrunDelta.Of(_holds, _rowAccounts);
    }

    public LedgerWeek Week { get; }

    public ImmutableArray<CommitPart> Parts { get; }

    public int RowCount => _rows.Length;

    /// <summary>The parameters in the order in which <see cref="CommitStatement"/> numbers them.</summary>
    public static void AddParameters(NpgsqlParameterCollection parameters)
    {
        void AddAll<T>(IEnumerable<ArrayColumn<T>> columns)
        {
            foreach (var column in columns)
            {
                parameters.Add(column.CreateParameter());
            }
        }

        AddAll(s_accountColumns);
        AddAll([s_ordinal]);
        AddAll([EventColumns.Id]);
        AddAll([s_ordinal]);
        AddAll(EventColumns.Others);
        AddAll(EventColumns.Hold);
        foreach (var rollup in Rollup.All)
        {
            AddAll([s_deltaAccount, .. rollup.Keys, .. Rollup.Measures]);
        }

        AddAll([s_overrunAccount, .. OverrunDelta.Columns]);
    }

    /// <summary>Fills what <see cref="AddParameters"/> added.</summary>
    public void FillParameters(NpgsqlParameterCollection parameters)
    {
        var next = 0;
        void Fill<T>(ReadOnlySpan<T> rows, params ReadOnlySpan<ArrayColumn<T>> columns)
        {
            foreach (var column in columns)
            {
                column.Fill(parameters[next++], rows);
            }
        }

        var events = new Domain.Events.LedgerEvent[_rows.Length];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = _rows[i].Event;
        }

        Fill(Parts.AsSpan(), s_accountColumns.AsSpan());
        Fill(_rowAccounts, s_ordinal);
        Fill(events, EventColumns.Id);
        Fill(_rowPlaces, s_ordinal);
        Fill(events, EventColumns.Others.AsSpan());
        Fill(_holds, EventColumns.Hold.AsSpan());
        foreach (var (rollup, deltas) in Rollup.All.Zip(_deltas))
        {
            Fill(deltas, s_deltaAccount);
            Fill(deltas, rollup.Keys.AsSpan());
            Fill(deltas, Rollup.Measures.AsSpan());
        }

        Fill(_overruns, s_overrunAccount);
        Fill(_overruns, OverrunDelta.Columns.AsSpan());
    }
}
