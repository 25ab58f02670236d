using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>The end of a user: their personal account and those where they are alone go with them, the others they leave.</summary>
public sealed partial class ClosingStore
{
    /// <summary>A user who joins an account while they close is looked at again; nobody does that this often.</summary>
    private const int MaxAttempts = 5;

    /// <summary>Closes a user and ends their sessions.</summary>
    /// <param name="user">Who.</param>
    /// <param name="actor">For the audit log.</param>
    /// <param name="now">When.</param>
    /// <param name="evenIfNeeded">
    /// Where an account would have no owner but has other members: true makes the one with the most rights, of these the first, its owner; false
    /// closes nothing.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UserClosing> CloseUserAsync(
        UserId user, Actor actor, DateTimeOffset now, bool evenIfNeeded, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var accounts = new List<LockedAccount>();
            foreach (var id in await ListAccountsAsync(transaction, user, cancellationToken))
            {
                if (await LockedAccount.TakeAsync(transaction, id, cancellationToken) is { } account && account.Members.ContainsKey(user))
                {
                    accounts.Add(account);
                }
            }

            if (await LockUserAsync(transaction, user, cancellationToken) is not { } name)
            {
                return UserClosing.NoUser;
            }

            // Whoever joins holds the user: from here on nobody does.
            var known = accounts.Select(account => account.Id).ToHashSet();
            if (!known.SetEquals(await ListAccountsAsync(transaction, user, cancellationToken)) && attempt < MaxAttempts)
            {
                continue;
            }

            var needed = accounts.Where(account => account.ClosedAt is null && account.Person != user && !IsAlone(account, user) && IsLastOwner(account, user)).ToList();
            if (needed.Count > 0 && !evenIfNeeded)
            {
                return UserClosing.NoUser with { NeededIn = [.. needed.Select(account => (account.Id, account.Name))] };
            }

            var closing = await EndAsync(transaction, user, name.Email, accounts, actor, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return closing;
        }
    }

    private static async Task<UserClosing> EndAsync(
        NpgsqlTransaction transaction,
        UserId user,
        string? email,
        List<LockedAccount> accounts,
        Actor actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var closed = ImmutableArray.CreateBuilder<AccountEnd>();
        var left = ImmutableArray.CreateBuilder<UserId>();
        AccountId? personal = null;
        foreach (var account in accounts)
        {
            personal = account.Person == user ? account.Id : personal;
            if (account.Person == user || IsAlone(account, user))
            {
                closed.Add((await CloseAsync(transaction, account, actor, now, cancellationToken))!);
            }
            else if (account.ClosedAt is null || !IsLastOwner(account, user))
            {
                if (IsLastOwner(account, user))
                {
                    left.Add(await SucceedAsync(transaction, account, user, now, cancellationToken));
                }

                await MembersSql.DeleteAsync(transaction, account.Id, user, cancellationToken);
                await AuditStore.InsertAsync(
                    transaction,
                    new AuditEntry(account.Id, now, actor, AuditActions.MemberLeft, new AuditObject("member", user.ToString(), email))
                    {
                        Before = AuditJson.Of(("role", account.Members[user].Role.ToWire())),
                    },
                    cancellationToken);
            }
        }

        await MembersSql.ExecuteAsync(
            transaction,
            """
            WITH sessions AS (DELETE FROM sessions WHERE user_id = $1),
            tokens AS (DELETE FROM user_tokens WHERE user_id = $1)
            UPDATE users SET closed_at = $2, updated_at = $2 WHERE id = $1
            """,
            [new() { Value = user.Value }, Parameters.Instant(now)],
            cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(personal, now, actor, AuditActions.UserClosed, new AuditObject("user", user.ToString(), email)),
            cancellationToken);
        return new UserClosing(true, [], closed.ToImmutable(), left.ToImmutable());
    }

    /// <summary>An account is never without an owner.</summary>
    private static async Task<UserId> SucceedAsync(
        NpgsqlTransaction transaction, LockedAccount account, UserId leaver, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var next = account.Members.Values.Where(member => member.User != leaver)
            .OrderByDescending(member => member.Role).ThenBy(member => member.JoinedAt).ThenBy(member => member.User.Value).First();
        await MembersSql.SetRoleAsync(transaction, account.Id, next.User, AccountRole.Owner, cancellationToken);
        await AuditStore.InsertAsync(
            transaction,
            new AuditEntry(account.Id, now, Actor.System, AuditActions.OwnershipTransferred, account.Object)
            {
                Before = AuditJson.Of(("owner", leaver.ToString()), ("owner_email", account.Members[leaver].Email)),
                After = AuditJson.Of(("owner", next.User.ToString()), ("owner_email", next.Email)),
            },
            cancellationToken);
        return next.User;
    }

    private static bool IsAlone(LockedAccount account, UserId user) => account.Members.Count == 1 && account.Members.ContainsKey(user);

    private static bool IsLastOwner(LockedAccount account, UserId user) => account.RoleOf(user) == AccountRole.Owner && account.Owners == 1;

    private static async Task<List<AccountId>> ListAccountsAsync(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var list = new NpgsqlCommand(
            "SELECT account_id FROM memberships WHERE user_id = $1 ORDER BY account_id", transaction.Connection, transaction);
        list.Parameters.Add(new() { Value = user.Value });
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<AccountId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(new AccountId(reader.GetGuid(0)));
        }

        return accounts;
    }

    private static async Task<NamedUser?> LockUserAsync(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand(
            "SELECT email FROM users WHERE id = $1 AND closed_at IS NULL FOR NO KEY UPDATE", transaction.Connection, transaction);
        take.Parameters.Add(new() { Value = user.Value });
        await using var reader = await take.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new NamedUser(reader.IsDBNull(0) ? null : reader.GetString(0)) : null;
    }

    private sealed record NamedUser(string? Email);
}
