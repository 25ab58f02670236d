using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Sessions;

/// <summary>A session to be stored.</summary>
/// <param name="Id">Named by its tokens.</param>
/// <param name="User">Who signed in.</param>
/// <param name="Account">The account that its tokens open at first.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">However often it is refreshed, it ends then.</param>
/// <param name="Ip">Where from.</param>
/// <param name="UserAgent">With what.</param>
public sealed record NewSession(
    Guid Id, UserId User, AccountId Account, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Ip, string? UserAgent);

/// <summary>A session as it is stored.</summary>
/// <param name="Id">Named by its tokens.</param>
/// <param name="User">Whose.</param>
/// <param name="Account">What a refreshed token opens; null where that account is gone.</param>
/// <param name="Generation">The number of the refresh token that is good now.</param>
/// <param name="CreatedAt">When the person signed in.</param>
/// <param name="RefreshedAt">When the generation last moved on.</param>
/// <param name="ExpiresAt">However often it is refreshed, it ends then.</param>
/// <param name="Ip">Where the person signed in from.</param>
/// <param name="UserAgent">With what.</param>
public sealed record SessionRow(
    Guid Id,
    UserId User,
    AccountId? Account,
    int Generation,
    DateTimeOffset CreatedAt,
    DateTimeOffset RefreshedAt,
    DateTimeOffset ExpiresAt,
    string? Ip,
    string? UserAgent);

/// <summary>Who is signed in where. A session that is not here has ended.</summary>
public sealed class SessionsStore(NpgsqlDataSource database)
{
    /// <summary>A person's devices; who signs in once more ends the oldest.</summary>
    public const int MaxPerUser = 50;

    private const string Select =
        "SELECT id, user_id, account_id, generation, created_at, refreshed_at, expires_at, ip, user_agent FROM sessions";

    private const string DeleteAll = "DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2";

    /// <summary>
    /// Stores a session of somebody who has proved who they are, and ends their oldest beyond <see cref="MaxPerUser"/>. False where their password was
    /// changed or they left meanwhile: who does that ends all sessions, and none may come in behind.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="passwordHash">What the password was checked against.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Gives up before it is stored.</param>
    public async Task<bool> OpenAsync(NewSession session, string passwordHash, AuditEntry audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var hold = new NpgsqlCommand(
            "SELECT FROM users WHERE id = $1 AND password_hash = $2 AND closed_at IS NULL FOR SHARE", connection, transaction)
        {
            Parameters = { new() { Value = session.User.Value }, new() { Value = passwordHash } },
        };
        await using (var reader = await hold.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return false;
            }
        }

        await InsertAsync(transaction, session, cancellationToken);
        await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>A session; null where it has ended. One that is too old may be here still.</summary>
    public async Task<SessionRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select + " WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>A person's sessions, newest first; those that are too old included.</summary>
    public async Task<IReadOnlyList<SessionRow>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select + " WHERE user_id = $1 ORDER BY created_at DESC, id DESC");
        command.Parameters.Add(new() { Value = user.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SessionRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(FromRow(reader));
        }

        return rows;
    }

    /// <summary>
    /// Moves a session on to its next refresh token. False where somebody was first: the generation is another, or the session has ended.
    /// </summary>
    public async Task<bool> RotateAsync(Guid id, int expectedGeneration, AccountId account, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE sessions SET generation = generation + 1, refreshed_at = $4, account_id = $3 WHERE id = $1 AND generation = $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = expectedGeneration });
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(Parameters.Instant(at));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Sets which account the session's tokens open from here on. False where it has ended.</summary>
    public async Task<bool> SwitchAsync(Guid id, AccountId account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("UPDATE sessions SET account_id = $2 WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = account.Value });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Ends one of a person's sessions. False where they have none of that id.</summary>
    public Task<bool> EndAsync(Guid id, UserId user, AuditEntry audit, CancellationToken cancellationToken) =>
        EndAsync("DELETE FROM sessions WHERE user_id = $1 AND id = $2", user, id, audit, cancellationToken);

    /// <summary>Ends all of a person's sessions, all but one where that is named. False where there was none to end.</summary>
    public Task<bool> EndAllAsync(UserId user, Guid? except, AuditEntry audit, CancellationToken cancellationToken) =>
        EndAsync(DeleteAll, user, except, audit, cancellationToken);

    private async Task<bool> EndAsync(string sql, UserId user, Guid? session, AuditEntry audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await DeleteAsync(transaction, sql, user, session, cancellationToken) == 0)
        {
            return false;
        }

        await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Ends a person's sessions in a transaction, all but one where that is named.</summary>
    internal static Task EndAllAsync(NpgsqlTransaction transaction, UserId user, Guid? except, CancellationToken cancellationToken) =>
        DeleteAsync(transaction, DeleteAll, user, except, cancellationToken);

    private static async Task<int> DeleteAsync(
        NpgsqlTransaction transaction, string sql, UserId user, Guid? session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = user.Value },
                new() { Value = (object?)session ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static async Task InsertAsync(NpgsqlTransaction transaction, NewSession session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            WITH ended AS (
              DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE user_id = $2 ORDER BY created_at DESC, id DESC OFFSET {MaxPerUser - 1}))
            INSERT INTO sessions (id, user_id, account_id, created_at, refreshed_at, expires_at, ip, user_agent)
            VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
            """,
            transaction.Connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = session.Id },
                new() { Value = session.User.Value },
                new() { Value = session.Account.Value },
                Parameters.Instant(session.CreatedAt),
                Parameters.Instant(session.ExpiresAt),
                Parameters.Text(session.Ip),
                Parameters.Text(session.UserAgent),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static SessionRow FromRow(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        new UserId(reader.GetGuid(1)),
        reader.IsDBNull(2) ? null : new AccountId(reader.GetGuid(2)),
        reader.GetInt32(3),
        reader.GetFieldValue<DateTimeOffset>(4),
        reader.GetFieldValue<DateTimeOffset>(5),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.IsDBNull(7) ? null : reader.GetString(7),
        reader.IsDBNull(8) ? null : reader.GetString(8));
}
