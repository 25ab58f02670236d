using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Invitations;

/// <summary>
/// Open invitations into accounts: one an account and address. The token is in the mail alone; what is stored is its hash. Whoever writes holds
/// the account, so that an invitation is used once and its limits hold.
/// </summary>
public sealed partial class InvitationsStore(NpgsqlDataSource database)
{
    /// <summary>A list of them is read whole. More people than that at once come in by an identity provider.</summary>
    public const int MaxOpen = 100;

    /// <summary>Mails that an account may have sent in a day: each goes to an address that nobody has confirmed.</summary>
    public const int MaxPerDay = 100;

    /// <summary>Of these to one address: who did not get the mail asks for another a few times.</summary>
    public const int MaxPerDayAndAddress = 5;

    /// <summary>A list of them is read whole, and every change of members looks at all.</summary>
    public const int MaxMembers = 500;

    /// <summary>A list of them is read whole, and a user's memberships stay in memory while they are signed in.</summary>
    public const int MaxAccounts = 100;

    /// <summary>
    /// Of an invitation i. Who is removed, or no admin any more, must not come back by a link that they sent to themselves before.
    /// </summary>
    private const string MayStillInvite =
        "EXISTS (SELECT FROM memberships m WHERE m.account_id = i.account_id AND m.user_id = i.invited_by AND m.role IN ('admin', 'owner'))";

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>An account's invitations that still open it, oldest first.</summary>
    public async Task<IReadOnlyList<InvitationRow>> ListAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(
            $"""
            SELECT i.id, i.email, i.role, u.email, i.created_at, i.expires_at FROM invitations i LEFT JOIN users u ON u.id = i.invited_by
            WHERE i.account_id = $1 AND i.expires_at > $2 AND {MayStillInvite} ORDER BY i.created_at, i.id
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Instant(now));
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var invitations = new List<InvitationRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            invitations.Add(new InvitationRow(
                reader.GetGuid(0),
                reader.GetString(1),
                AccountRoles.FromStored(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return invitations;
    }

    /// <summary>Makes an invitation, or renews the one that the address has: the link before opens nothing any more.</summary>
    public async Task<InvitationAnswer> InviteAsync(AccountAct act, NewInvitation invitation, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (account, refusal) = await TakeAsync(transaction, act, cancellationToken);
        if (account is null)
        {
            return refusal!;
        }

        if (account.Members.Values.Any(member => member.Email == invitation.Email))
        {
            return new InvitationAnswer(InvitationOutcome.AlreadyMember);
        }

        await MembersSql.ExecuteAsync(
            transaction,
            $"DELETE FROM invitations i WHERE account_id = $1 AND (expires_at <= $2 OR (invited_by IS NOT NULL AND NOT {MayStillInvite}))",
            [new() { Value = account.Id.Value }, Parameters.Instant(act.At)],
            cancellationToken);
        if (await LimitAsync(transaction, act, invitation.Email, cancellationToken) is { } limit)
        {
            return new InvitationAnswer(limit);
        }

        var (id, before) = await UpsertAsync(transaction, act, invitation, cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            Entry(act.Account, act.At, act.Actor, AuditActions.InvitationCreated, id, invitation.Email) with
            {
                Before = before is null ? null : AuditJson.Of(("role", before)),
                After = AuditJson.Of(("role", invitation.Role.ToWire()), ("expires_at", AuditJson.Instant(invitation.ExpiresAt))),
            },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var inviter = account.Members[act.User];
        return new InvitationAnswer(
            InvitationOutcome.Done,
            new InvitationRow(id, invitation.Email, invitation.Role, inviter.Email, act.At, invitation.ExpiresAt),
            account.Name,
            inviter.Name ?? inviter.Email,
            inviter.Role);
    }

    /// <summary>Takes an invitation back: its link opens nothing any more.</summary>
    public async Task<InvitationAnswer> WithdrawAsync(AccountAct act, Guid invitation, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (account, refusal) = await TakeAsync(transaction, act, cancellationToken);
        if (account is null)
        {
            return refusal!;
        }

        await using var delete = new NpgsqlCommand(
            "DELETE FROM invitations WHERE account_id = $1 AND id = $2 AND expires_at > $3 RETURNING email, role", connection, transaction);
        delete.Parameters.Add(new() { Value = account.Id.Value });
        delete.Parameters.Add(new() { Value = invitation });
        delete.Parameters.Add(Parameters.Instant(act.At));
        string email, role;
        await using (var reader = await delete.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return new InvitationAnswer(InvitationOutcome.NoInvitation);
            }

            (email, role) = (reader.GetString(0), reader.GetString(1));
        }

        await AuditStore.InsertAsync(
            transaction,
            Entry(act.Account, act.At, act.Actor, AuditActions.InvitationWithdrawn, invitation, email) with { Before = AuditJson.Of(("role", role)) },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new InvitationAnswer(InvitationOutcome.Done);
    }

    private static async Task<(LockedAccount? Account, InvitationAnswer? Refusal)> TakeAsync(
        NpgsqlTransaction transaction, AccountAct act, CancellationToken cancellationToken) =>
        await LockedAccount.TakeAsync(transaction, act.Account, cancellationToken) is not { ClosedAt: null } account
        || account.RoleOf(act.User) is not { } role
            ? (null, new InvitationAnswer(InvitationOutcome.NoAccount))
            : role < AccountRole.Admin ? (null, new InvitationAnswer(InvitationOutcome.MissingRole, Role: role))
            : (account, null);

    /// <summary>The audit log counts the mails of a day: it has one entry for each, and nothing takes it away.</summary>
    private static async Task<InvitationOutcome?> LimitAsync(
        NpgsqlTransaction transaction, AccountAct act, string email, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand(
            """
            SELECT (SELECT count(*) FROM invitations WHERE account_id = $1 AND email <> $2), count(*), count(*) FILTER (WHERE object_name = $2)
            FROM audit_log WHERE account_id = $1 AND at > $3 AND action = $4
            """,
            transaction.Connection,
            transaction);
        count.Parameters.Add(new() { Value = act.Account.Value });
        count.Parameters.Add(new() { Value = email });
        count.Parameters.Add(Parameters.Instant(act.At - s_day));
        count.Parameters.Add(new() { Value = AuditActions.InvitationCreated });
        await using var reader = await count.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0) >= MaxOpen ? InvitationOutcome.TooManyOpen
            : reader.GetInt64(1) >= MaxPerDay || reader.GetInt64(2) >= MaxPerDayAndAddress ? InvitationOutcome.TooManyToday
            : null;
    }

    private static async Task<(Guid Id, string? RoleBefore)> UpsertAsync(
        NpgsqlTransaction transaction, AccountAct act, NewInvitation invitation, CancellationToken cancellationToken)
    {
        await using var upsert = new NpgsqlCommand(
            """
            WITH before AS (SELECT role FROM invitations WHERE account_id = $2 AND email = $3)
            INSERT INTO invitations (id, account_id, email, role, sha256, invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (account_id, email) DO UPDATE SET
              role = excluded.role, sha256 = excluded.sha256, invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at
            RETURNING id, (SELECT role FROM before)
            """,
            transaction.Connection,
            transaction);
        upsert.Parameters.Add(new() { Value = Guid.CreateVersion7(act.At) });
        upsert.Parameters.Add(new() { Value = act.Account.Value });
        upsert.Parameters.Add(new() { Value = invitation.Email });
        upsert.Parameters.Add(new() { Value = invitation.Role.ToWire() });
        upsert.Parameters.Add(new() { Value = invitation.Sha256 });
        upsert.Parameters.Add(new() { Value = act.User.Value });
        upsert.Parameters.Add(Parameters.Instant(act.At));
        upsert.Parameters.Add(Parameters.Instant(invitation.ExpiresAt));
        await using var reader = await upsert.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetString(1));
    }

    private static AuditEntry Entry(AccountId account, DateTimeOffset at, Actor actor, string action, Guid invitation, string email) =>
        new(account, at, actor, action, new AuditObject("invitation", invitation.ToString("N"), email));
}
