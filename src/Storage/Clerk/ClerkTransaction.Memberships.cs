using System.Text.Json;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Accounts;

namespace LlmObserve.Storage.Clerk;

/// <summary>Who belongs to which account, and what they are there.</summary>
internal sealed partial class ClerkTransaction
{
    private async Task SaveMembershipAsync(ClerkMembership news)
    {
        var user = await SaveUserAsync(news.Member);
        var account = await SaveOrganizationAsync(news.Organization);
        var known = await LockAsync(MembershipKind, news.Id);
        if (known.IsDeleted || user is null || account is null || news.UpdatedMs < known.UpdatedMs)
        {
            return;
        }

        await ExecuteAsync(
            """
            UPDATE clerk_objects SET user_id = $2, account_id = $3, role = $4, created_ms = $5, updated_ms = $6 WHERE kind = 'membership' AND id = $1
            """,
            news.Id,
            user.Value.Value,
            account.Value.Value,
            news.Role,
            news.CreatedMs,
            news.UpdatedMs);
        await LockAccountAsync(account.Value);
        await ResolveRolesAsync(account.Value);
    }

    private async Task DeleteMembershipAsync(string membership)
    {
        var known = await LockAsync(MembershipKind, membership);
        await ForgetAsync(MembershipKind, membership);
        if (known is { IsDeleted: false, Account: { } account })
        {
            await LockAccountAsync(account);
            await ResolveRolesAsync(account);
            await EnsureOwnerAsync(account);
        }
    }

    /// <summary>Memberships of one account change one after the other.</summary>
    private async Task LockAccountAsync(AccountId account) => await LockedAccount.TakeAsync(transaction, account, cancellationToken);

    /// <summary>
    /// Makes the members of an organization's account what Clerk says they are, from all that it said. Members who were invited here stay what
    /// they are.
    /// </summary>
    private async Task ResolveRolesAsync(AccountId account)
    {
        var places = await ReadAsync(
            """
            SELECT c.id, c.user_id, c.role, c.created_ms, c.updated_ms FROM clerk_objects c JOIN users u ON u.id = c.user_id AND u.closed_at IS NULL
            WHERE c.kind = 'membership' AND c.account_id = $1 AND NOT c.deleted
            """,
            reader => new ClerkPlace(reader.GetString(0), new UserId(reader.GetGuid(1)), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4)),
            account.Value);
        var creator = await ReadAsync(
            """
            SELECT u.user_id FROM clerk_objects o JOIN clerk_objects u ON u.kind = 'user' AND u.id = o.created_by AND u.user_id IS NOT NULL
            WHERE o.kind = 'organization' AND o.account_id = $1
            """,
            reader => new UserId(reader.GetGuid(0)),
            account.Value);
        var present = (await ReadAsync(
            """
            SELECT m.user_id, m.role, EXISTS (
              SELECT FROM clerk_objects c WHERE c.kind = 'membership' AND c.account_id = m.account_id AND c.user_id = m.user_id)
            FROM memberships m WHERE m.account_id = $1
            """,
            reader => (User: new UserId(reader.GetGuid(0)), Role: reader.GetString(1), IsOfClerk: reader.GetBoolean(2)),
            account.Value)).ToDictionary(row => row.User);
        var roles = ClerkRoles.Resolve(places, creator is [var maker] ? maker : null);
        foreach (var (user, role) in roles)
        {
            if (!present.TryGetValue(user, out var place))
            {
                await MembersSql.InsertAsync(transaction, account, user, role, now, cancellationToken);
                await AuditMemberAsync(account, AuditActions.MemberAdded, user, null, role.ToWire());
            }
            else if (place.Role != role.ToWire())
            {
                await SetRoleAsync(account, user, place.Role, role);
            }
        }

        foreach (var left in present.Values.Where(place => place.IsOfClerk && !roles.ContainsKey(place.User)))
        {
            await RemoveMemberAsync(account, left.User);
        }
    }

    /// <summary>
    /// Where nobody owns an account any more, its first member of the highest role does; where nobody is left in one that no organization stands
    /// for, it closes.
    /// </summary>
    private async Task EnsureOwnerAsync(AccountId account)
    {
        var members = await ReadAsync(
            "SELECT user_id, role FROM memberships WHERE account_id = $1 ORDER BY created_at, user_id",
            reader => (User: new UserId(reader.GetGuid(0)), Role: AccountRoles.FromStored(reader.GetString(1))),
            account.Value);
        if (members.Count == 0)
        {
            var isOrganization = await ReadAsync(
                "SELECT 1 FROM clerk_objects WHERE kind = 'organization' AND account_id = $1", reader => reader.GetInt32(0), account.Value);
            if (isOrganization.Count == 0)
            {
                await CloseAsync(account);
            }
        }
        else if (members.TrueForAll(member => member.Role != AccountRole.Owner))
        {
            var heir = members.OrderByDescending(member => member.Role).First();
            await SetRoleAsync(account, heir.User, heir.Role.ToWire(), AccountRole.Owner);
        }
    }

    private async Task SetRoleAsync(AccountId account, UserId user, string before, AccountRole role)
    {
        await MembersSql.SetRoleAsync(transaction, account, user, role, cancellationToken);
        await AuditMemberAsync(account, AuditActions.MemberUpdated, user, before, role.ToWire());
    }

    private async Task RemoveMemberAsync(AccountId account, UserId user)
    {
        var gone = await ReadAsync(
            "DELETE FROM memberships WHERE account_id = $1 AND user_id = $2 RETURNING role", reader => reader.GetString(0), account.Value, user.Value);
        if (gone is [var role])
        {
            await AuditMemberAsync(account, AuditActions.MemberRemoved, user, role, null);
        }
    }

    private async Task AuditMemberAsync(AccountId account, string action, UserId user, string? before, string? after)
    {
        Moved.Add(user);
        var email = await ReadAsync("SELECT email FROM users WHERE id = $1", reader => reader.IsDBNull(0) ? null : reader.GetString(0), user.Value);
        await AuditAsync(account, action, new AuditObject("member", user.ToString(), email.SingleOrDefault()), Role(before), Role(after));

        static string? Role(string? word) => word is null ? null : JsonSerializer.Serialize(new { role = word });
    }
}
