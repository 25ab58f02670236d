using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Invitations;

/// <summary>What whoever has the link does.</summary>
public sealed partial class InvitationsStore
{
    /// <summary>What the link opens; null where it is used, withdrawn, renewed, too old, of a closed account, or by somebody who may invite no more.</summary>
    public async Task<InvitationPreview?> PreviewAsync(byte[] sha256, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT a.name, u.name, u.email, i.role, i.email, i.expires_at
            FROM invitations i JOIN accounts a ON a.id = i.account_id LEFT JOIN users u ON u.id = i.invited_by
            WHERE i.sha256 = $1 AND i.expires_at > $2 AND a.closed_at IS NULL AND {MayStillInvite}
            """);
        command.Parameters.Add(new() { Value = sha256 });
        command.Parameters.Add(Parameters.Instant(now));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new InvitationPreview(
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                AccountRoles.FromStored(reader.GetString(3)),
                reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5))
            : null;
    }

    /// <summary>
    /// Makes the user a member, proves their address, to which the link was sent, and uses the invitation up. Who is a member already stays what
    /// they are.
    /// </summary>
    public async Task<AcceptAnswer> AcceptAsync(Acceptance acceptance, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAccountAsync(transaction, acceptance.Sha256, cancellationToken) is not { } id
            || await LockedAccount.TakeAsync(transaction, id, cancellationToken) is not { ClosedAt: null } account
            || await FindAsync(transaction, account, acceptance, cancellationToken) is not var (invitation, email, role))
        {
            return new AcceptAnswer(InvitationOutcome.NoInvitation);
        }

        var user = await LockUserAsync(transaction, acceptance.User, cancellationToken);
        if (user is null || user.Email != email)
        {
            return new AcceptAnswer(InvitationOutcome.OtherAddress);
        }

        if (account.RoleOf(acceptance.User) is null)
        {
            if (account.Members.Count >= MaxMembers)
            {
                return new AcceptAnswer(InvitationOutcome.TooManyMembers);
            }

            if (user.Accounts >= MaxAccounts)
            {
                return new AcceptAnswer(InvitationOutcome.TooManyAccounts);
            }

            await MembersSql.InsertAsync(transaction, account.Id, acceptance.User, role, acceptance.At, cancellationToken);
            await AuditStore.InsertAsync(
                transaction,
                new AuditEntry(
                    account.Id, acceptance.At, acceptance.Actor, AuditActions.MemberAdded, new AuditObject("member", acceptance.User.ToString(), email))
                {
                    After = AuditJson.Of(("role", role.ToWire())),
                },
                cancellationToken);
        }

        await UseUpAsync(transaction, account.Id, invitation, email, role, acceptance, cancellationToken);
        if (!user.IsVerified)
        {
            await VerifyAsync(transaction, user.PersonalAccount, email, acceptance, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return new AcceptAnswer(InvitationOutcome.Done, account.Id);
    }

    private static async Task<AccountId?> FindAccountAsync(NpgsqlTransaction transaction, byte[] sha256, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT account_id FROM invitations WHERE sha256 = $1", transaction.Connection, transaction);
        find.Parameters.Add(new() { Value = sha256 });
        return await find.ExecuteScalarAsync(cancellationToken) is Guid account ? new AccountId(account) : null;
    }

    private static async Task<(Guid Id, string Email, AccountRole Role)?> FindAsync(
        NpgsqlTransaction transaction, LockedAccount account, Acceptance acceptance, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(
            $"SELECT i.id, i.email, i.role FROM invitations i WHERE i.account_id = $1 AND i.sha256 = $2 AND i.expires_at > $3 AND {MayStillInvite}",
            transaction.Connection,
            transaction);
        find.Parameters.Add(new() { Value = account.Id.Value });
        find.Parameters.Add(new() { Value = acceptance.Sha256 });
        find.Parameters.Add(Parameters.Instant(acceptance.At));
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetGuid(0), reader.GetString(1), AccountRoles.FromStored(reader.GetString(2)))
            : null;
    }

    private static async Task<Invited?> LockUserAsync(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand(
            """
            SELECT u.email, u.email_verified_at IS NOT NULL, (SELECT a.id FROM accounts a WHERE a.personal_user_id = u.id),
                   (SELECT count(*) FROM memberships m WHERE m.user_id = u.id)
            FROM users u WHERE u.id = $1 AND u.closed_at IS NULL FOR NO KEY UPDATE OF u
            """,
            transaction.Connection,
            transaction);
        take.Parameters.Add(new() { Value = user.Value });
        await using var reader = await take.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Invited(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetBoolean(1), new AccountId(reader.GetGuid(2)), reader.GetInt64(3))
            : null;
    }

    private static async Task UseUpAsync(
        NpgsqlTransaction transaction,
        AccountId account,
        Guid invitation,
        string email,
        AccountRole role,
        Acceptance acceptance,
        CancellationToken cancellationToken)
    {
        await MembersSql.ExecuteAsync(
            transaction,
            "DELETE FROM invitations WHERE account_id = $1 AND id = $2",
            [new() { Value = account.Value }, new() { Value = invitation }],
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            Entry(account, acceptance.At, acceptance.Actor, AuditActions.InvitationAccepted, invitation, email) with
            {
                Before = AuditJson.Of(("role", role.ToWire())),
            },
            cancellationToken);
    }

    private static async Task VerifyAsync(
        NpgsqlTransaction transaction, AccountId personal, string email, Acceptance acceptance, CancellationToken cancellationToken)
    {
        await MembersSql.ExecuteAsync(
            transaction,
            "UPDATE users SET email_verified_at = $2, updated_at = $2 WHERE id = $1",
            [new() { Value = acceptance.User.Value }, Parameters.Instant(acceptance.At)],
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(
                personal, acceptance.At, acceptance.Actor, AuditActions.UserVerified, new AuditObject("user", acceptance.User.ToString(), email)),
            cancellationToken);
    }

    private sealed record Invited(string? Email, bool IsVerified, AccountId PersonalAccount, long Accounts);
}
