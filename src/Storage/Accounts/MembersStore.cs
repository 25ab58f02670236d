using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>What became of a change to an account's members.</summary>
public enum MemberOutcome
{
    Done = 0,

    /// <summary>The user who asks belongs to no such account, or it is closed.</summary>
    NoAccount,

    /// <summary>The account has no such member.</summary>
    NoMember,

    /// <summary>The user who asks is not enough there: <see cref="MemberAnswer.Least"/> is.</summary>
    MissingRole,

    /// <summary>The account's only owner stays one.</summary>
    LastOwner,

    /// <summary>The owner of a personal account stays it, and the only one.</summary>
    PersonalAccount,
}

/// <summary>The answer to a change of members.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Member">The member as they are now, or were last.</param>
/// <param name="Role">What the user who asks is.</param>
/// <param name="Least">What they would have to be.</param>
public sealed record MemberAnswer(MemberOutcome Outcome, MemberRow? Member = null, AccountRole Role = default, AccountRole Least = default);

/// <summary>Who asks for a change of an account, and when.</summary>
/// <param name="Account">The account; the user must belong to it.</param>
/// <param name="User">Who asks.</param>
/// <param name="Actor">The same, for the audit log.</param>
/// <param name="At">When.</param>
public sealed record AccountAct(AccountId Account, UserId User, Actor Actor, DateTimeOffset At);

/// <summary>
/// The people of accounts. Whatever is asked is asked by a user, whose own place in the account is looked up with it: an account that they do not
/// belong to is like none.
/// </summary>
public sealed class MembersStore(NpgsqlDataSource database)
{
    /// <summary>The members of an account, in the order in which they came.</summary>
    public async Task<IReadOnlyList<MemberRow>> ListAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add(MembersSql.List).Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return await MembersSql.ReadAsync(reader, cancellationToken);
    }

    /// <summary>Gives a member a role.</summary>
    public Task<MemberAnswer> ChangeAsync(AccountAct act, UserId user, AccountRole role, CancellationToken cancellationToken) => WriteAsync(
        act,
        user,
        (account, member, by) => (account.Rules.Change(by, account.PlaceOf(member), role), MemberRules.LeastToChange(member.Role, role)),
        async (transaction, account, member) =>
        {
            if (member.Role == role)
            {
                return member;
            }

            await MembersSql.SetRoleAsync(transaction, account.Id, member.User, role, cancellationToken);
            await AuditAsync(transaction, act, AuditActions.MemberUpdated, member, Role(member.Role), Role(role), cancellationToken);
            return member with { Role = role };
        },
        cancellationToken);

    /// <summary>Takes a member out; a user who takes out themselves leaves.</summary>
    public Task<MemberAnswer> RemoveAsync(AccountAct act, UserId user, CancellationToken cancellationToken) => WriteAsync(
        act,
        user,
        (account, member, by) => (account.Rules.Remove(by, account.PlaceOf(member), leaves: user == act.User), MemberRules.LeastToRemove(member.Role)),
        async (transaction, account, member) =>
        {
            await MembersSql.DeleteAsync(transaction, account.Id, member.User, cancellationToken);
            var action = user == act.User ? AuditActions.MemberLeft : AuditActions.MemberRemoved;
            await AuditAsync(transaction, act, action, member, Role(member.Role), null, cancellationToken);
            return member;
        },
        cancellationToken);

    /// <summary>Makes another member the owner, and the owner who asks an admin.</summary>
    public Task<MemberAnswer> TransferAsync(AccountAct act, UserId user, CancellationToken cancellationToken) => WriteAsync(
        act,
        user,
        (account, _, by) => (account.Rules.Transfer(by), AccountRole.Owner),
        async (transaction, account, member) =>
        {
            if (user == act.User)
            {
                return member;
            }

            await MembersSql.SetRoleAsync(transaction, account.Id, member.User, AccountRole.Owner, cancellationToken);
            await MembersSql.SetRoleAsync(transaction, account.Id, act.User, AccountRole.Admin, cancellationToken);
            await AuditStore.InsertAsync(
                transaction,
                new AuditEntry(act.Account, act.At, act.Actor, AuditActions.OwnershipTransferred, account.Object)
                {
                    Before = AuditJson.Of(("owner", act.User.ToString()), ("owner_email", account.Members[act.User].Email)),
                    After = AuditJson.Of(("owner", member.User.ToString()), ("owner_email", member.Email)),
                },
                cancellationToken);
            return member with { Role = AccountRole.Owner };
        },
        cancellationToken);

    private async Task<MemberAnswer> WriteAsync(
        AccountAct act,
        UserId user,
        Func<LockedAccount, MemberRow, AccountRole, (MemberFault Fault, AccountRole Least)> judge,
        Func<NpgsqlTransaction, LockedAccount, MemberRow, Task<MemberRow>> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockedAccount.TakeAsync(transaction, act.Account, cancellationToken) is not { ClosedAt: null } account
            || account.RoleOf(act.User) is not { } by)
        {
            return new MemberAnswer(MemberOutcome.NoAccount);
        }

        if (!account.Members.TryGetValue(user, out var member))
        {
            return by < AccountRole.Admin
                ? new MemberAnswer(MemberOutcome.MissingRole, null, by, AccountRole.Admin)
                : new MemberAnswer(MemberOutcome.NoMember);
        }

        var (fault, least) = judge(account, member, by);
        if (fault != MemberFault.None)
        {
            return new MemberAnswer(OutcomeOf(fault), member, by, least);
        }

        var changed = await write(transaction, account, member);
        await transaction.CommitAsync(cancellationToken);
        return new MemberAnswer(MemberOutcome.Done, changed, by, least);
    }

    private static MemberOutcome OutcomeOf(MemberFault fault) => fault switch
    {
        MemberFault.MissingRole => MemberOutcome.MissingRole,
        MemberFault.LastOwner => MemberOutcome.LastOwner,
        _ => MemberOutcome.PersonalAccount,
    };

    private static string Role(AccountRole role) => AuditJson.Of(("role", role.ToWire()));

    private static Task AuditAsync(
        NpgsqlTransaction transaction, AccountAct act, string action, MemberRow member, string? before, string? after, CancellationToken cancellationToken) =>
        AuditStore.InsertAsync(
            transaction,
            new AuditEntry(act.Account, act.At, act.Actor, action, new AuditObject("member", member.User.ToString(), member.Email))
            {
                Before = before,
                After = after,
            },
            cancellationToken);
}
