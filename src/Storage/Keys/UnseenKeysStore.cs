using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Keys;

/// <summary>Keys that were made without anybody watching: each is shown to its owner once, within a day.</summary>
public sealed class UnseenKeysStore(NpgsqlDataSource database)
{
    /// <summary>Whether a key of the user waits to be shown.</summary>
    public async Task<bool> HasAsync(AccountId account, UserId user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT EXISTS (
              SELECT FROM unseen_keys u JOIN api_keys k ON k.id = u.key_id AND k.revoked_at IS NULL
              WHERE u.account_id = $1 AND u.user_id = $2 AND u.expires_at > $3)
            """);
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = user.Value });
        command.Parameters.Add(Parameters.Instant(now));
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Afterwards the text is gone, as that of any other key.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>Takes the newest of the user's in the account, and tells the audit log; null where there is none. However many ask, one gets it.</summary>
    public async Task<(ApiKeyRow Key, byte[] Sealed)?> TakeAsync(
        AccountId account, UserId user, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var take = new NpgsqlCommand(
            """
            DELETE FROM unseen_keys u USING api_keys k
            WHERE u.key_id = (
                SELECT s.key_id FROM unseen_keys s JOIN api_keys a ON a.id = s.key_id AND a.revoked_at IS NULL
                WHERE s.account_id = $1 AND s.user_id = $2 AND s.expires_at > $3
                ORDER BY s.expires_at DESC, s.key_id DESC LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
              AND k.id = u.key_id
            RETURNING k.id, k.key_sha256, u.sealed
            """,
            connection,
            transaction)
        {
            Parameters = { new() { Value = account.Value }, new() { Value = user.Value }, Parameters.Instant(now) },
        };
        byte[] sha256;
        byte[] text;
        await using (var reader = await take.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            (sha256, text) = (reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2));
        }

        var key = (await KeysStore.FindAsync(transaction, sha256, cancellationToken))!;
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(account, now, actor, AuditActions.KeyRevealed, new AuditObject("key", key.Id.ToString("N"), key.Name)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (key, text);
    }

    /// <summary>Keeps a key's sealed text.</summary>
    internal static async Task InsertAsync(NpgsqlTransaction transaction, NewApiKey key, byte[] text, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(
            "INSERT INTO unseen_keys (key_id, account_id, user_id, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)",
            transaction.Connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = key.Id },
                new() { Value = key.Account.Value },
                new() { Value = key.User.Value },
                new() { Value = text },
                Parameters.Instant(key.CreatedAt + KeptFor),
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }
}
