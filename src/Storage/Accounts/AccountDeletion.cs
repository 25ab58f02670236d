using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>
/// Deletes one account that is due, on a connection of its own. First its ledger's head goes, and with it whatever an activation of the account that
/// still lives might write: every such write states the head's epoch, and nobody makes a head for an account that is there. Then all rows, a batch
/// a transaction. Then, with the account held, what may have come meanwhile, and the account.
/// </summary>
internal sealed class AccountDeletion(NpgsqlConnection connection, AccountId account, DateTimeOffset now)
{
    /// <summary>As many rows of the widest table as a transaction of some hundred milliseconds deletes.</summary>
    private const int RowsPerDelete = 5_000;

    /// <summary>Closes the ledger; false where the account is not due, or no more.</summary>
    public async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await HoldAsync(transaction, cancellationToken))
        {
            return false;
        }

        await CloseLedgerAsync(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Deletes the rows of every table, and says how many.</summary>
    public async Task<long> DeleteAsync(IReadOnlyList<LedgerWeek> weeks, CancellationToken cancellationToken)
    {
        var rows = await RunAsync(DeleteStretchesAsync, cancellationToken);
        foreach (var step in Steps(weeks))
        {
            long deleted;
            do
            {
                rows += deleted = await RunAsync(step, cancellationToken);
            }
            while (deleted == RowsPerDelete);
        }

        return rows;
    }

    /// <summary>Deletes the account, and the user whose personal account it was where they have closed too. Leaves one line in the audit log.</summary>
    public async Task<bool> FinishAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await HoldAsync(transaction, cancellationToken))
        {
            return false;
        }

        await CloseLedgerAsync(transaction, cancellationToken);
        await DeleteStretchesAsync(transaction, cancellationToken);
        foreach (var step in Steps([]))
        {
            while (await step(transaction, cancellationToken) == RowsPerDelete)
            {
            }
        }

        await DeleteStatesAsync(transaction, "grain_state", "", cancellationToken);
        if (await IsThereAsync(transaction, "orleans_grain_state", cancellationToken))
        {
            await DeleteStatesAsync(transaction, "orleans_grain_state", "+", cancellationToken);
        }

        await ExecuteAsync(
            transaction,
            """
            WITH gone AS (DELETE FROM accounts WHERE id = $1 RETURNING personal_user_id)
            DELETE FROM users u USING gone WHERE u.id = gone.personal_user_id AND u.closed_at IS NOT NULL
            """,
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(null, now, Actor.System, AuditActions.AccountPurged, new AuditObject("account", account.ToString(), null)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>A batch of each table. Weeks that are made after the ledger was closed have nothing of the account.</summary>
    private IEnumerable<Func<NpgsqlTransaction, CancellationToken, Task<long>>> Steps(IReadOnlyList<LedgerWeek> weeks)
    {
        foreach (var table in weeks.Select(week => week.TableName).Concat(PurgedTables.Plain))
        {
            yield return (transaction, cancellationToken) => DeleteBatchAsync(transaction, table, cancellationToken);
        }

        foreach (var (table, key) in PurgedTables.Grains)
        {
            yield return (transaction, cancellationToken) => DeleteWithStatesAsync(transaction, table, key, cancellationToken);
        }

        yield return DeleteAuditAsync;
    }

    private async Task<bool> HoldAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, "SELECT true FROM accounts WHERE id = $1 AND purge_at <= $2 FOR UPDATE");
        command.Parameters.Add(Parameters.Instant(now));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Waits for a commit that is under way.</summary>
    private Task<long> CloseLedgerAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        ExecuteAsync(transaction, "DELETE FROM ledger_heads WHERE account_id = $1", cancellationToken);

    /// <summary>Under the lock of those who make them.</summary>
    private async Task<long> DeleteStretchesAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await LedgerStretches.DeleteAsync(connection, account, DateTimeOffset.MinValue, cancellationToken);
        return 0;
    }

    private Task<long> DeleteBatchAsync(NpgsqlTransaction transaction, string table, CancellationToken cancellationToken) => ExecuteAsync(
        transaction,
        $"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE account_id = $1 LIMIT {RowsPerDelete}))",
        cancellationToken);

    private async Task<long> DeleteWithStatesAsync(NpgsqlTransaction transaction, string table, string key, CancellationToken cancellationToken)
    {
        var cluster = await IsThereAsync(transaction, "orleans_grain_state", cancellationToken)
            ? ", cluster AS (DELETE FROM orleans_grain_state WHERE key_text IN (SELECT '+' || key FROM gone))"
            : "";
        await using var command = Command(
            transaction,
            $"""
            WITH gone AS (
              DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE account_id = $1 LIMIT {RowsPerDelete})) RETURNING {key} AS key),
            states AS (DELETE FROM grain_state WHERE grain_key IN (SELECT key FROM gone)){cluster}
            SELECT count(*) FROM gone
            """);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>States that are named by the account, by one of its customers, or by the user who goes with it.</summary>
    private Task<long> DeleteStatesAsync(NpgsqlTransaction transaction, string table, string prefix, CancellationToken cancellationToken)
    {
        var column = prefix.Length == 0 ? "grain_key" : "key_text";
        return ExecuteAsync(
            transaction,
            $"""
            DELETE FROM {table} WHERE {column} = '{prefix}{account}' OR {column} LIKE '{prefix}{account}/%' OR {column} IN (
              SELECT '{prefix}' || replace(u.id::text, '-', '') FROM users u JOIN accounts a ON a.personal_user_id = u.id
              WHERE a.id = $1 AND u.closed_at IS NOT NULL)
            """,
            cancellationToken);
    }

    /// <summary>The one way in which rows leave the audit log.</summary>
    private async Task<long> DeleteAuditAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using (var open = new NpgsqlCommand("SELECT set_config('llmobserve.purge', $1, true)", connection, transaction))
        {
            open.Parameters.Add(new() { Value = account.Value.ToString() });
            await open.ExecuteNonQueryAsync(cancellationToken);
        }

        return await DeleteBatchAsync(transaction, "audit_log", cancellationToken);
    }

    private static async Task<bool> IsThereAsync(NpgsqlTransaction transaction, string table, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", transaction.Connection, transaction);
        find.Parameters.Add(new() { Value = table });
        return await find.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<long> RunAsync(Func<NpgsqlTransaction, CancellationToken, Task<long>> step, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var rows = await step(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    private async Task<long> ExecuteAsync(NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, sql);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(NpgsqlTransaction transaction, string sql) =>
        new(sql, connection, transaction) { Parameters = { new() { Value = account.Value } } };
}
