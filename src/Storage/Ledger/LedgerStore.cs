using System.Data;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// Reads the ledger for grains, and hands out epochs. Every load answers with the head of the same snapshot: its totals hold exactly the
/// events up to that sequence.
/// </summary>
public sealed partial class LedgerStore(NpgsqlDataSource db)
{
    /// <summary>Longer than any append may run: taking an epoch waits for the last statement of the activation before.</summary>
    private const int TakeEpochTimeoutSeconds = 60;

    private const string HeadSql = "SELECT epoch, last_seq, total_cost_nanos, total_calls FROM ledger_heads WHERE account_id = $1";

    /// <summary>
    /// Takes the account's next epoch: from now on no statement of an earlier one writes. It waits for one that is under way, so what the
    /// head says afterwards is final for all before.
    /// </summary>
    /// <exception cref="LedgerGoneException">The account has no head, or none any more: heads are made with their accounts alone.</exception>
    public async Task<LedgerHead> TakeEpochAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(
            "UPDATE ledger_heads SET epoch = epoch + 1 WHERE account_id = $1 RETURNING epoch, last_seq, total_cost_nanos, total_calls");
        command.CommandTimeout = TakeEpochTimeoutSeconds;
        command.Parameters.Add(new() { Value = account.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var head = await ReadHeadAsync(reader, cancellationToken);
        return head.Epoch > 0 ? head : throw new LedgerGoneException(account);
    }

    /// <summary>The head as it stands; all zero where the account has none.</summary>
    public async Task<LedgerHead> HeadAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(db, account);
        read.Add(HeadSql).Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return await ReadHeadAsync(reader, cancellationToken);
    }

    /// <summary>Runs the head's query and others in one snapshot, in one round trip, and reads their answers in order.</summary>
    private async Task<T> ReadSnapshotAsync<T>(
        AccountId account, IReadOnlyList<NpgsqlBatchCommand> queries, Func<LedgerHead, NpgsqlDataReader, Task<T>> answer, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var read = new AccountRead(transaction, account);
        read.Add(HeadSql).Add(new() { Value = account.Value });
        foreach (var query in queries)
        {
            read.Add(query);
        }

        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var head = await ReadHeadAsync(reader, cancellationToken);
        return await answer(head, reader);
    }

    private static async Task<LedgerHead> ReadHeadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), reader.GetInt64(1), new Usd(reader.GetInt64(2)), reader.GetInt64(3))
            : default;
}
