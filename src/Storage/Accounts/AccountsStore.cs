using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>An account's settings.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">Shown to its members.</param>
/// <param name="TimeZone">IANA id.</param>
/// <param name="UnpricedPolicy"><c>allow</c> or <c>deny</c>.</param>
/// <param name="MaxHoldShare">The share of a hard cap's limit that one hold may take; above 0, at most 1.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record AccountRow(AccountId Id, string Name, string TimeZone, string UnpricedPolicy, decimal MaxHoldShare, DateTimeOffset CreatedAt);

/// <summary>Accounts and their settings. The time zone is changed with the ledger's buckets, by the ledger's store.</summary>
public sealed class AccountsStore(NpgsqlDataSource database)
{
    public async Task<AccountRow?> GetAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add("SELECT name, time_zone, unpriced_policy, max_hold_share, created_at FROM accounts WHERE id = $1").Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new AccountRow(account, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDecimal(3), reader.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    /// <summary>
    /// Writes what checks and holds depend on. It carries the epoch of the account's writer, and its lock lasts until it is durable: a successor
    /// reads the change or forbids it.
    /// </summary>
    /// <returns>False where the epoch is over or there is no such account: nothing was written.</returns>
    public async Task<bool> UpdateCheckSettingsAsync(
        AccountId account,
        long epoch,
        string unpricedPolicy,
        decimal maxHoldShare,
        DateTimeOffset now,
        AuditEntry? audit,
        CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = unpricedPolicy });
        command.Parameters.Add(new() { Value = maxHoldShare });
        command.Parameters.Add(Parameters.Instant(now));
        command.CommandText =
            $"""
            WITH fence AS (SELECT 1 FROM ledger_heads WHERE account_id = $1 AND epoch = $2 FOR SHARE),
            done AS (UPDATE accounts SET unpriced_policy = $3, max_hold_share = $4, updated_at = $5 FROM fence WHERE id = $1 RETURNING 1)
            {AuditStore.With(command.Parameters, audit)} SELECT 1 FROM done
            """;
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
