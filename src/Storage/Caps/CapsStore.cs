using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Caps;

/// <summary>
/// Definitions of caps. A change carries the epoch of the account's writer: an activation that has been superseded must not make a cap that
/// its successor does not know. The audit log is told in the same statement.
/// </summary>
public sealed class CapsStore(NpgsqlDataSource database)
{
    private const string Select =
        """
        SELECT id, account_id, cap_type, target, target_name, sub_scope, sub_target, sub_target_name, limit_nanos, period, enforcement,
               thresholds, alert_email, enabled, created_at, updated_at
        FROM caps
        """;

    // The lock lasts until the change is durable, so that a successor, which takes its epoch first, reads the change or forbids it.
    private const string Fence = "WITH fence AS (SELECT 1 FROM ledger_heads WHERE account_id = $1 AND epoch = $2 FOR SHARE) ";

    /// <summary>An account's caps, oldest first.</summary>
    public async Task<IReadOnlyList<Cap>> ListAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add(Select + " WHERE account_id = $1 ORDER BY created_at, id").Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var caps = new List<Cap>();
        while (await reader.ReadAsync(cancellationToken))
        {
            caps.Add(FromRow(reader));
        }

        return caps;
    }

    /// <summary>A cap of any account: for the cap's own grain, whose callers have been authorised by the account.</summary>
    public async Task<Cap?> FindAsync(CapId id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select + " WHERE id = $1");
        command.Parameters.Add(new() { Value = id.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>False where the epoch is over: nothing was written.</summary>
    public Task<bool> InsertAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) => WriteAsync(
        """
        INSERT INTO caps (account_id, id, limit_nanos, enforcement, thresholds, alert_email, enabled, updated_at,
                          cap_type, target, target_name, sub_scope, sub_target, sub_target_name, period, created_at)
        SELECT $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM fence
        """,
        cap,
        epoch,
        audit,
        [
            Parameters.Text(cap.Scope.Type.ToWire()),
            Parameters.Text(cap.Scope.Target),
            Parameters.Text(cap.TargetName),
            Parameters.Text(cap.Scope.SubScope.ToWire()),
            Parameters.Text(cap.Scope.SubTarget),
            Parameters.Text(cap.SubTargetName),
            Parameters.Text(cap.Period.ToWire()),
            new() { Value = cap.CreatedAt },
        ],
        cancellationToken);

    /// <summary>Writes limit, enforcement, thresholds, address and whether it is enabled. False where the epoch is over or the cap is gone.</summary>
    public Task<bool> UpdateAsync(Cap cap, long epoch, AuditEntry? audit, CancellationToken cancellationToken) => WriteAsync(
        """
        UPDATE caps SET limit_nanos = $4, enforcement = $5, thresholds = $6, alert_email = $7, enabled = $8, updated_at = $9
        FROM fence WHERE account_id = $1 AND id = $3
        """,
        cap,
        epoch,
        audit,
        [],
        cancellationToken);

    /// <summary>Its ceilings and overruns go with it. False where the epoch is over or the cap is gone.</summary>
    public async Task<bool> DeleteAsync(AccountId account, CapId id, long epoch, AuditEntry? audit, CancellationToken cancellationToken)
    {
        // The first waits for a commit under way; only a statement that begins after that sees the overruns that it adds. Both are one
        // transaction, in one round trip.
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new("SELECT FROM ledger_heads WHERE account_id = $1 AND epoch = $2 FOR SHARE")
        {
            Parameters = { new() { Value = account.Value }, new() { Value = epoch } },
        });
        var delete = new NpgsqlBatchCommand
        {
            Parameters = { new() { Value = account.Value }, new() { Value = epoch }, new() { Value = id.Value } },
        };
        delete.CommandText =
            Fence
            + """
            , overruns AS (DELETE FROM cap_overruns o USING fence WHERE o.account_id = $1 AND o.cap_id = $3),
            done AS (DELETE FROM caps USING fence WHERE account_id = $1 AND id = $3 RETURNING 1)
            """
            + AuditStore.With(delete.Parameters, audit)
            + " SELECT 1 FROM done";
        batch.BatchCommands.Add(delete);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }

    private async Task<bool> WriteAsync(
        string sql,
        Cap cap,
        long epoch,
        AuditEntry? audit,
        NpgsqlParameter[] more,
        CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.Parameters.Add(new() { Value = cap.Account.Value });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = cap.Id.Value });
        command.Parameters.Add(new() { Value = cap.Limit.Nanos });
        command.Parameters.Add(Parameters.Text(cap.Enforcement.ToWire()));
        command.Parameters.Add(new() { Value = cap.Thresholds.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Numeric });
        command.Parameters.Add(Parameters.Text(cap.AlertEmail));
        command.Parameters.Add(new() { Value = cap.Enabled });
        command.Parameters.Add(new() { Value = cap.UpdatedAt });
        command.Parameters.AddRange(more);
        command.CommandText = $"{Fence}, done AS ({sql} RETURNING 1){AuditStore.With(command.Parameters, audit)} SELECT 1 FROM done";
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static Cap FromRow(NpgsqlDataReader reader) => new()
    {
        Id = new CapId(reader.GetGuid(0)),
        Account = new AccountId(reader.GetGuid(1)),
        Scope = new CapScope(
            Parsed<CapType>(reader.GetString(2), CapWords.TryParseType),
            reader.GetString(3),
            reader.IsDBNull(5) ? CapSubScope.None : Parsed<CapSubScope>(reader.GetString(5), CapWords.TryParseSubScope),
            reader.GetString(6)),
        TargetName = reader.GetString(4),
        SubTargetName = reader.GetString(7),
        Limit = new Usd(reader.GetInt64(8)),
        Period = Parsed<CapPeriod>(reader.GetString(9), CapWords.TryParsePeriod),
        Enforcement = Parsed<CapEnforcement>(reader.GetString(10), CapWords.TryParseEnforcement),
        Thresholds = [.. reader.GetFieldValue<decimal[]>(11)],
        AlertEmail = reader.IsDBNull(12) ? null : reader.GetString(12),
        Enabled = reader.GetBoolean(13),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(14),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(15),
    };

    private static T Parsed<T>(string word, TryParseWord<T> parse) =>
        parse(word, out var value) ? value : throw new InvalidDataException($"the database holds '{word}' for a {typeof(T).Name}");

    private delegate bool TryParseWord<T>(string? word, out T value);
}
