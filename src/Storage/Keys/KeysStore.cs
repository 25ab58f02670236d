using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Keys;

/// <summary>A stored API key: its hash, never the key.</summary>
public sealed record ApiKeyRow(
    Guid Id,
    AccountId Account,
    UserId? User,
    string Prefix,
    string Name,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? ExpiresAt);

/// <summary>A key to be stored.</summary>
/// <param name="Id">Its public id.</param>
/// <param name="Account">What it opens.</param>
/// <param name="User">Who made it.</param>
/// <param name="Sha256">32 bytes.</param>
/// <param name="Prefix">Its first characters, to recognise it by.</param>
/// <param name="Name">As the user named it.</param>
/// <param name="Scopes">Any of <c>ingest</c>, <c>check</c>, <c>read</c>, <c>manage</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record NewApiKey(
    Guid Id,
    AccountId Account,
    UserId User,
    byte[] Sha256,
    string Prefix,
    string Name,
    ImmutableArray<string> Scopes,
    DateTimeOffset CreatedAt);

/// <summary>API keys.</summary>
public sealed class KeysStore(NpgsqlDataSource database)
{
    private const string Select =
        """
        SELECT id, account_id, user_id, key_prefix, name, scopes, created_at, last_used_at, revoked_at, expires_at FROM api_keys
        """;

    public async Task InsertAsync(NewApiKey key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await InsertAsync(connection, null, key, cancellationToken);
    }

    /// <summary>The key of this hash, revoked or not; null where there is none, or its account is closed.</summary>
    public async Task<ApiKeyRow?> FindAsync(byte[] sha256, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            Select + " WHERE key_sha256 = $1 AND EXISTS (SELECT FROM accounts a WHERE a.id = account_id AND a.closed_at IS NULL)");
        command.Parameters.Add(new() { Value = sha256 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>An account's keys that are not revoked, newest first.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add(Select + " WHERE account_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC").Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ApiKeyRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(FromRow(reader));
        }

        return keys;
    }

    /// <summary>Revokes one of the account's keys and answers its hash; null where the account has no such key left.</summary>
    public async Task<byte[]?> RevokeAsync(AccountId account, Guid key, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE api_keys SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING key_sha256");
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = at });
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    /// <summary>Notes when a key was last used; never moves it back.</summary>
    public async Task TouchAsync(Guid key, DateTimeOffset usedAt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE id = $1");
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = usedAt });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static async Task InsertAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        NewApiKey key,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO api_keys (id, account_id, user_id, key_sha256, key_prefix, name, scopes, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = key.Id },
                new() { Value = key.Account.Value },
                new() { Value = key.User.Value },
                new() { Value = key.Sha256 },
                new() { Value = key.Prefix },
                new() { Value = key.Name },
                new() { Value = key.Scopes.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = key.CreatedAt },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static ApiKeyRow FromRow(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        new AccountId(reader.GetGuid(1)),
        reader.IsDBNull(2) ? null : new UserId(reader.GetGuid(2)),
        reader.GetString(3),
        reader.GetString(4),
        [.. reader.GetFieldValue<string[]>(5)],
        reader.GetFieldValue<DateTimeOffset>(6),
        At(reader, 7),
        At(reader, 8),
        At(reader, 9));

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
