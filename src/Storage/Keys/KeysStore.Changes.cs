using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Audit;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Keys;

public sealed partial class KeysStore
{
    /// <summary>Stores a key where the account has fewer than <paramref name="maxLive"/> live ones, and tells the audit log. False: it has as many.</summary>
    public async Task<bool> CreateAsync(NewApiKey key, int maxLive, AuditEntry audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(transaction, key.Account, key.CreatedAt, cancellationToken) >= maxLive)
        {
            return false;
        }

        await InsertAsync(connection, transaction, key, cancellationToken);
        await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Changes one of the account's keys as <paramref name="decide"/> says, which sees it as nobody else can change it, with the number of the
    /// account's live keys; null from it changes nothing.
    /// </summary>
    /// <returns>The key's hash and the key as it is now, changed or not; null where the account never had such a key.</returns>
    public async Task<(byte[] Sha256, ApiKeyRow Key)?> ChangeAsync(
        AccountId account, Guid id, DateTimeOffset now, Func<ApiKeyRow, int, KeyChange?> decide, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var live = await LockAsync(transaction, account, now, cancellationToken);
        if (await FindAsync(transaction, account, id, cancellationToken) is not { } found)
        {
            return null;
        }

        if (decide(found.Key, live) is not { } change)
        {
            return found;
        }

        if (change.Successor is { } successor)
        {
            await InsertAsync(connection, transaction, successor, cancellationToken);
        }

        await UpdateAsync(transaction, change.After, cancellationToken);
        foreach (var entry in change.Audit)
        {
            await AuditStore.InsertAsync(transaction, entry, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return (found.Sha256, change.After);
    }

    /// <summary>One change of an account's keys at a time, so that the limit holds; how many are live. Writing the account's events goes on.</summary>
    private static async Task<int> LockAsync(NpgsqlTransaction transaction, AccountId account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The count is a statement of its own: one that waited for the lock would still see the keys of before.
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(new("SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE") { Parameters = { new() { Value = account.Value } } });
        batch.BatchCommands.Add(new("SELECT count(*)::int FROM api_keys WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at > $2) IS NOT FALSE")
        {
            Parameters = { new() { Value = account.Value }, Parameters.Instant(now) },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt32(0);
    }

    private static async Task<(byte[] Sha256, ApiKeyRow Key)?> FindAsync(
        NpgsqlTransaction transaction, AccountId account, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns}, key_sha256 FROM api_keys WHERE account_id = $1 AND id = $2", transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetFieldValue<byte[]>(12), FromRow(reader)) : null;
    }

    private static async Task UpdateAsync(NpgsqlTransaction transaction, ApiKeyRow key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE api_keys SET name = $3, scopes = $4, expires_at = $5, allowed_ips = $6, rotated_to = $7, revoked_at = $8
            WHERE account_id = $1 AND id = $2
            """,
            transaction.Connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = key.Account.Value },
                new() { Value = key.Id },
                new() { Value = key.Name },
                Texts(key.Scopes),
                Parameters.Instant(key.ExpiresAt),
                Networks(key.AllowedIps),
                new() { Value = (object?)key.RotatedTo ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                Parameters.Instant(key.RevokedAt),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
