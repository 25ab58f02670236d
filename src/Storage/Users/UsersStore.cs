using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Sessions;
using Npgsql;

namespace LlmObserve.Storage.Users;

/// <summary>People who sign in.</summary>
public sealed class UsersStore(NpgsqlDataSource database)
{
    private const string Select =
        """
        SELECT u.id, u.email, u.password_hash, u.name, u.user_type, u.subscription_tier, u.created_at, u.email_verified_at, a.id,
               ARRAY(SELECT m.account_id FROM memberships m JOIN accounts o ON o.id = m.account_id AND o.closed_at IS NULL
                     WHERE m.user_id = u.id ORDER BY m.created_at, m.account_id),
               ARRAY(SELECT m.role FROM memberships m JOIN accounts o ON o.id = m.account_id AND o.closed_at IS NULL
                     WHERE m.user_id = u.id ORDER BY m.created_at, m.account_id),
               ARRAY(SELECT s.id FROM sessions s WHERE s.user_id = u.id ORDER BY s.created_at, s.id)
        FROM users u JOIN accounts a ON a.personal_user_id = u.id
        """;

    /// <summary>
    /// Makes the user, their personal account with its ledger head, their membership, their first key and session, and tells the audit log: all
    /// or none. False where the address is taken.
    /// </summary>
    public async Task<bool> CreateAsync(
        NewUser user, NewApiKey key, NewSession? session, IReadOnlyList<AuditEntry> audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand(
            """
            WITH person AS (
              INSERT INTO users (id, email, password_hash, name, user_type, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $8, $8) ON CONFLICT (email) WHERE closed_at IS NULL DO NOTHING RETURNING id),
            account AS (
              INSERT INTO accounts (id, name, personal_user_id, created_at, updated_at) SELECT $6, $7, id, $8, $8 FROM person RETURNING id),
            head AS (
              INSERT INTO ledger_heads (account_id) SELECT id FROM account RETURNING account_id)
            INSERT INTO memberships (account_id, user_id, role, created_at)
            SELECT account.id, person.id, 'owner', $8 FROM account, person, head
            """,
            connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = user.Id.Value },
                Parameters.Text(user.Email),
                Parameters.Text(user.PasswordHash),
                Parameters.Text(user.Name),
                new() { Value = user.UserType },
                new() { Value = user.PersonalAccount.Value },
                new() { Value = user.AccountName },
                new() { Value = user.CreatedAt },
            },
        };
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        await KeysStore.InsertAsync(connection, transaction, key, cancellationToken);
        if (session is not null)
        {
            await SessionsStore.InsertAsync(transaction, session, cancellationToken);
        }

        foreach (var entry in audit)
        {
            await AuditStore.InsertAsync(transaction, entry, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>A person who has not left.</summary>
    public Task<UserRow?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        FindAsync(Select + " WHERE u.id = $1 AND u.closed_at IS NULL", id.Value, cancellationToken);

    /// <summary>A person who has not left, by their address.</summary>
    /// <param name="email">In lower case.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public Task<UserRow?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        FindAsync(Select + " WHERE u.email = $1 AND u.closed_at IS NULL", email, cancellationToken);

    /// <summary>Sets what a person says of themselves. False where they have left.</summary>
    public async Task<bool> UpdateProfileAsync(UserId id, string? name, string userType, AuditEntry audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var update = new NpgsqlCommand(
            "UPDATE users SET name = $2, user_type = $3, updated_at = $4 WHERE id = $1 AND closed_at IS NULL", connection, transaction)
        {
            Parameters =
            {
                new() { Value = id.Value },
                Parameters.Text(name),
                new() { Value = userType },
                Parameters.Instant(audit.At),
            },
        };
        if (await update.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<UserRow?> FindAsync(string sql, object key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = key });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var accounts = reader.GetFieldValue<Guid[]>(9);
        var roles = reader.GetFieldValue<string[]>(10);
        return new UserRow(
            new UserId(reader.GetGuid(0)),
            reader.IsDBNull(1) ? null : reader.GetString(1),
            reader.IsDBNull(2) ? null : reader.GetString(2),
            reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.GetString(4),
            reader.GetString(5),
            reader.GetFieldValue<DateTimeOffset>(6),
            reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
            new AccountId(reader.GetGuid(8)),
            [.. accounts.Zip(roles, static (account, role) => new MembershipRow(new AccountId(account), role))],
            [.. reader.GetFieldValue<Guid[]>(11)]);
    }
}
