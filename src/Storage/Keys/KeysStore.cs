using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Keys;

/// <summary>API keys.</summary>
public sealed partial class KeysStore(NpgsqlDataSource database)
{
    /// <summary>
    /// Keys that a list shows: all that are live, which are fewer (the API has its own limit for them), and with what room is left the newest of
    /// those that have expired.
    /// </summary>
    public const int MaxListed = 300;

    private const string Columns =
        "id, account_id, user_id, key_prefix, name, scopes, created_at, last_used_at, revoked_at, expires_at, allowed_ips, rotated_to";

    private const string Select = $"SELECT {Columns} FROM api_keys";

    /// <summary>The key of this hash, revoked or not; null where there is none, or its account is closed.</summary>
    public async Task<ApiKeyRow?> FindAsync(byte[] sha256, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            Select + " WHERE key_sha256 = $1 AND EXISTS (SELECT FROM accounts a WHERE a.id = account_id AND a.closed_at IS NULL)");
        command.Parameters.Add(new() { Value = sha256 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>The key of this hash as a transaction sees it.</summary>
    internal static async Task<ApiKeyRow?> FindAsync(NpgsqlTransaction transaction, byte[] sha256, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Select + " WHERE key_sha256 = $1", transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = sha256 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>An account's keys that are not revoked, newest first; those that have expired come last.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(
            Select
            + $" WHERE account_id = $1 AND revoked_at IS NULL ORDER BY coalesce(expires_at <= $2, false), created_at DESC, id DESC LIMIT {MaxListed}");
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Instant(now));
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ApiKeyRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(FromRow(reader));
        }

        return keys;
    }

    /// <summary>The people who made keys, by id. Those who are gone are not in it.</summary>
    public async Task<IReadOnlyDictionary<UserId, KeyMaker>> MakersAsync(IEnumerable<UserId> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id, email, name FROM users WHERE id = ANY($1)");
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).Distinct().ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var makers = new Dictionary<UserId, KeyMaker>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new UserId(reader.GetGuid(0));
            makers[id] = new KeyMaker(id, reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        }

        return makers;
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
            INSERT INTO api_keys (id, account_id, user_id, key_sha256, key_prefix, name, scopes, created_at, expires_at, allowed_ips)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
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
                Texts(key.Scopes),
                new() { Value = key.CreatedAt },
                Parameters.Instant(key.ExpiresAt),
                Networks(key.AllowedIps),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Texts(IEnumerable<string> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    /// <summary>None is null in the store.</summary>
    private static NpgsqlParameter Networks(IReadOnlyCollection<string> networks) => new()
    {
        Value = networks.Count == 0 ? DBNull.Value : networks.ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

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
        At(reader, 9))
    {
        AllowedIps = reader.IsDBNull(10) ? [] : [.. reader.GetFieldValue<string[]>(10)],
        RotatedTo = reader.IsDBNull(11) ? null : reader.GetGuid(11),
    };

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
