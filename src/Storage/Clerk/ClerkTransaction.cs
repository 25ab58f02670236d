using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Clerk;

/// <summary>What one event changes. Locks are taken in one order: users, organizations, memberships of Clerk's, then accounts by id.</summary>
internal sealed partial class ClerkTransaction(
    NpgsqlTransaction transaction,
    DateTimeOffset now,
    Actor actor,
    Func<AccountId, UserId, SealedKey> firstKey,
    CancellationToken cancellationToken)
{
    public const string UserKind = "user";
    public const string OrganizationKind = "organization";
    public const string MembershipKind = "membership";

    /// <summary>People whose place somewhere was changed.</summary>
    public HashSet<UserId> Moved { get; } = [];

    public static (string Kind, string Id) ObjectOf(ClerkEvent happened) => happened switch
    {
        ClerkEvent.UserSaved saved => (UserKind, saved.User.Id),
        ClerkEvent.UserDeleted deleted => (UserKind, deleted.User),
        ClerkEvent.OrganizationSaved saved => (OrganizationKind, saved.Organization.Id),
        ClerkEvent.OrganizationDeleted deleted => (OrganizationKind, deleted.Organization),
        ClerkEvent.MembershipSaved saved => (MembershipKind, saved.Membership.Id),
        ClerkEvent.MembershipDeleted deleted => (MembershipKind, deleted.Membership),
        _ => ("", ""),
    };

    public Task ApplyAsync(ClerkEvent happened) => happened switch
    {
        ClerkEvent.UserSaved saved => SaveUserAsync(saved.User),
        ClerkEvent.UserDeleted deleted => DeleteUserAsync(deleted.User),
        ClerkEvent.OrganizationSaved saved => SaveOrganizationAsync(saved.Organization),
        ClerkEvent.OrganizationDeleted deleted => DeleteOrganizationAsync(deleted.Organization),
        ClerkEvent.MembershipSaved saved => SaveMembershipAsync(saved.Membership),
        ClerkEvent.MembershipDeleted deleted => DeleteMembershipAsync(deleted.Membership),
        _ => Task.CompletedTask,
    };

    public static ClerkObject FromRow(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetBoolean(1),
        reader.IsDBNull(2) ? null : new UserId(reader.GetGuid(2)),
        reader.IsDBNull(3) ? null : new AccountId(reader.GetGuid(3)));

    /// <summary>What is known of an object; nobody else changes it until the end of this transaction.</summary>
    private async Task<ClerkObject> LockAsync(string kind, string id)
    {
        await using var command = Command(
            """
            INSERT INTO clerk_objects (kind, id) VALUES ($1, $2) ON CONFLICT (kind, id) DO UPDATE SET kind = excluded.kind
            RETURNING updated_ms, deleted, user_id, account_id
            """,
            kind,
            id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return FromRow(reader);
    }

    private async Task ForgetAsync(string kind, string id) =>
        await ExecuteAsync("UPDATE clerk_objects SET deleted = true WHERE kind = $1 AND id = $2", kind, id);

    /// <summary>Closes an account to everybody, and revokes its keys: nobody takes this back.</summary>
    private async Task CloseAsync(AccountId account)
    {
        if (await LockedAccount.TakeAsync(transaction, account, cancellationToken) is not { } locked)
        {
            return;
        }

        await ClosingStore.CloseAsync(transaction, locked, actor, now, cancellationToken);
        var keys = await ReadAsync(
            "UPDATE api_keys SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL RETURNING id, name",
            reader => (Id: reader.GetGuid(0), Name: reader.GetString(1)),
            account.Value,
            now);
        await ExecuteAsync("DELETE FROM unseen_keys WHERE account_id = $1", account.Value);
        await ExecuteAsync("DELETE FROM invitations WHERE account_id = $1", account.Value);
        foreach (var (id, name) in keys)
        {
            await AuditAsync(account, AuditActions.KeyRevoked, new AuditObject("key", id.ToString("N"), name));
        }
    }

    private Task AuditAsync(AccountId? account, string action, AuditObject what, string? before = null, string? after = null) => AuditStore.InsertAsync(
        transaction, new AuditEntry(account, now, actor, action, what) { Before = before, After = after }, cancellationToken);

    private async Task<int> ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> fromRow, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(fromRow(reader));
        }

        return rows;
    }

    private NpgsqlCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(value switch
            {
                DateTimeOffset instant => Parameters.Instant(instant),
                string or null => Parameters.Text((string?)value),
                _ => new() { Value = value },
            });
        }

        return command;
    }
}
