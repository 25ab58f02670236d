using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>An account as one of its members sees it.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">Shown to its members.</param>
/// <param name="TimeZone">IANA id.</param>
/// <param name="Role">What the member is there.</param>
/// <param name="IsPersonal">Whether it is this member's personal account.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ClosedAt">Since when it is closed; null while it is open.</param>
/// <param name="PurgeAt">When its data is deleted for good; null while it is open.</param>
public sealed record UserAccountRow(
    AccountId Id,
    string Name,
    string TimeZone,
    AccountRole Role,
    bool IsPersonal,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    DateTimeOffset? PurgeAt);

/// <summary>
/// The accounts of a person: always looked up by the person, never by the account's id alone. Open ones, and of closed ones those that they own
/// and may still take back.
/// </summary>
public sealed class UserAccountsStore(NpgsqlDataSource database)
{
    /// <summary>Accounts, beside the personal one, that a person may own before they make another; also closed ones, whose data is still there.</summary>
    public const int MaxOwned = 20;

    private const string Select =
        """
        SELECT a.id, a.name, a.time_zone, m.role, a.personal_user_id IS NOT DISTINCT FROM m.user_id, a.created_at, a.closed_at, a.purge_at
        FROM memberships m JOIN accounts a ON a.id = m.account_id
        WHERE m.user_id = $1 AND (a.closed_at IS NULL OR (m.role = 'owner' AND a.purge_at > $2))
        """;

    /// <summary>The person's accounts: the personal one first, then in the order in which they were made.</summary>
    public async Task<IReadOnlyList<UserAccountRow>> ListAsync(UserId user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select + " ORDER BY 5 DESC, a.created_at, a.id");
        command.Parameters.Add(new() { Value = user.Value });
        command.Parameters.Add(Parameters.Instant(now));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<UserAccountRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(FromRow(reader));
        }

        return accounts;
    }

    /// <summary>One of the person's accounts; null where they have none of this id.</summary>
    public async Task<UserAccountRow?> FindAsync(UserId user, AccountId account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select + " AND m.account_id = $3");
        command.Parameters.Add(new() { Value = user.Value });
        command.Parameters.Add(Parameters.Instant(now));
        command.Parameters.Add(new() { Value = account.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>Makes an account with its ledger's head, and the person its owner. False where they own <see cref="MaxOwned"/> already.</summary>
    public async Task<bool> CreateAsync(AccountAct act, string name, string timeZone, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // One at a time for a person, so that the count holds.
        await MembersSql.ExecuteAsync(
            transaction, "SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", [new() { Value = act.User.Value }], cancellationToken);
        if (await CountOwnedAsync(transaction, act.User, cancellationToken) >= MaxOwned)
        {
            return false;
        }

        await MembersSql.ExecuteAsync(
            transaction,
            """
            WITH account AS (INSERT INTO accounts (id, name, time_zone, created_at, updated_at) VALUES ($1, $2, $3, $5, $5) RETURNING id),
            head AS (INSERT INTO ledger_heads (account_id) SELECT id FROM account RETURNING account_id)
            INSERT INTO memberships (account_id, user_id, role, created_at) SELECT account_id, $4, 'owner', $5 FROM head
            """,
            [
                new() { Value = act.Account.Value },
                new() { Value = name },
                new() { Value = timeZone },
                new() { Value = act.User.Value },
                Parameters.Instant(act.At),
            ],
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(act.Account, act.At, act.Actor, AuditActions.AccountCreated, new AuditObject("account", act.Account.ToString(), name))
            {
                After = AuditJson.Of(("name", name), ("time_zone", timeZone)),
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Gives an open account another name, where the person is an admin of it or its owner.</summary>
    public async Task<bool> RenameAsync(AccountAct act, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockedAccount.TakeAsync(transaction, act.Account, cancellationToken) is not { ClosedAt: null } account
            || !(account.RoleOf(act.User) >= AccountRole.Admin))
        {
            return false;
        }

        if (account.Name == name)
        {
            return true;
        }

        await MembersSql.ExecuteAsync(
            transaction,
            "UPDATE accounts SET name = $2, updated_at = $3 WHERE id = $1",
            [new() { Value = account.Id.Value }, new() { Value = name }, Parameters.Instant(act.At)],
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(act.Account, act.At, act.Actor, AuditActions.AccountUpdated, new AuditObject("account", account.Id.ToString(), name))
            {
                Before = AuditJson.Of(("name", account.Name)),
                After = AuditJson.Of(("name", name)),
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<long> CountOwnedAsync(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand(
            """
            SELECT count(*) FROM memberships m JOIN accounts a ON a.id = m.account_id
            WHERE m.user_id = $1 AND m.role = 'owner' AND a.personal_user_id IS NULL
            """,
            transaction.Connection,
            transaction);
        count.Parameters.Add(new() { Value = user.Value });
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private static UserAccountRow FromRow(NpgsqlDataReader reader) => new(
        new AccountId(reader.GetGuid(0)),
        reader.GetString(1),
        reader.GetString(2),
        AccountRoles.FromStored(reader.GetString(3)),
        reader.GetBoolean(4),
        reader.GetFieldValue<DateTimeOffset>(5),
        reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
}
