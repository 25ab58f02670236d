using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
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

/// <summary>Who is signed in where. A session that is not here has ended.</summary>
public sealed class SessionsStore(NpgsqlDataSource database)
{
    /// <summary>A person's devices; who signs in once more ends the oldest.</summary>
    public const int MaxPerUser = 50;

    /// <summary>Stores a session, and ends the person's oldest beyond <see cref="MaxPerUser"/>.</summary>
    public async Task InsertAsync(NewSession session, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await InsertAsync(transaction, session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
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
                new() { Value = (object?)session.Ip ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)session.UserAgent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
