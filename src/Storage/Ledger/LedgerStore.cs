using System.Data;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// What activations read of the ledger. Every load reads the account's head in the same snapshot, so that its figures belong to one sequence.
/// </summary>
public sealed partial class LedgerStore(NpgsqlDataSource database)
{
    private const string SelectHead = "SELECT epoch, last_seq, total_cost_nanos, total_calls FROM ledger_heads WHERE account_id = $1";

    /// <summary>
    /// Begins the next epoch of an account: nothing that states an older one is written from here on. Waits for a statement of the epoch
    /// before that still runs, so the head that it answers is final for that epoch.
    /// </summary>
    public async Task<LedgerHead> TakeEpochAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO ledger_heads AS head (account_id, epoch) VALUES ($1, 1)
            ON CONFLICT (account_id) DO UPDATE SET epoch = head.epoch + 1
            RETURNING epoch, last_seq, total_cost_nanos, total_calls
            """);
        command.Parameters.Add(new() { Value = account.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return HeadOf(reader);
    }

    /// <summary>The head as it is now; all zero for an account that has none yet.</summary>
    public async Task<LedgerHead> GetHeadAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var snapshot = await SnapshotAsync(cancellationToken);
        return await snapshot.HeadAsync(account, cancellationToken);
    }

    private static LedgerHead HeadOf(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetInt64(1), new Usd(reader.GetInt64(2)), reader.GetInt64(3));

    private async Task<Snapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            return new Snapshot(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Several reads of one moment.</summary>
    private sealed class Snapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }

        public NpgsqlCommand Command(string sql, AccountId account)
        {
            var command = new NpgsqlCommand(sql, connection, transaction);
            command.Parameters.Add(new() { Value = account.Value });
            return command;
        }

        public async Task<LedgerHead> HeadAsync(AccountId account, CancellationToken cancellationToken)
        {
            await using var command = Command(SelectHead, account);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? HeadOf(reader) : default;
        }
    }
}
