using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>
/// An account that a transaction holds, with its members: whoever changes members, invitations or the account's end takes this lock first, so that
/// what the rules look at is what they change. Transactions that need several take them in the order of their ids, and users after them.
/// </summary>
internal sealed record LockedAccount(
    AccountId Id, string Name, UserId? Person, DateTimeOffset? ClosedAt, DateTimeOffset? PurgeAt, IReadOnlyDictionary<UserId, MemberRow> Members)
{
    public bool IsPersonal => Person is not null;

    public int Owners => Members.Values.Count(member => member.Role == AccountRole.Owner);

    public MemberRules Rules => new(Owners, IsPersonal);

    /// <summary>The account as the audit log names it.</summary>
    public AuditObject Object => new("account", Id.ToString(), Name);

    /// <summary>What the user is there; null where they do not belong to it.</summary>
    public AccountRole? RoleOf(UserId user) => Members.TryGetValue(user, out var member) ? member.Role : null;

    /// <summary>A member's place, for the rules.</summary>
    public MemberPlace PlaceOf(MemberRow member) => new(member.Role, member.User == Person);

    /// <summary>Takes the lock; null where there is no such account.</summary>
    public static async Task<LockedAccount?> TakeAsync(NpgsqlTransaction transaction, AccountId account, CancellationToken cancellationToken)
    {
        // Not the strongest lock: rows that refer to the account, such as keys, may still be made.
        await using var take = new NpgsqlCommand(
            "SELECT name, personal_user_id, closed_at, purge_at FROM accounts WHERE id = $1 FOR NO KEY UPDATE", transaction.Connection, transaction);
        take.Parameters.Add(new() { Value = account.Value });
        LockedAccount locked;
        await using (var reader = await take.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            locked = new LockedAccount(
                account,
                reader.GetString(0),
                reader.IsDBNull(1) ? null : new UserId(reader.GetGuid(1)),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                new Dictionary<UserId, MemberRow>());
        }

        // A statement of its own: its snapshot is from after the lock.
        await using var list = new NpgsqlCommand(MembersSql.List, transaction.Connection, transaction);
        list.Parameters.Add(new() { Value = account.Value });
        await using var members = await list.ExecuteReaderAsync(cancellationToken);
        return locked with { Members = (await MembersSql.ReadAsync(members, cancellationToken)).ToDictionary(member => member.User) };
    }
}
