using System.Text.Json;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Keys;

namespace LlmObserve.Storage.Clerk;

/// <summary>People.</summary>
internal sealed partial class ClerkTransaction
{
    /// <summary>The name of the account of a person of whom nothing else is known yet.</summary>
    private const string NamelessAccount = "Personal account";

    /// <summary>The person; null for one whom Clerk has deleted.</summary>
    private async Task<UserId?> SaveUserAsync(ClerkUser news)
    {
        var known = await LockAsync(UserKind, news.Id);
        if (known.IsDeleted)
        {
            return null;
        }

        if (known.User is { } user)
        {
            if (news.UpdatedMs > 0 && news.UpdatedMs >= known.UpdatedMs)
            {
                await UpdateUserAsync(user, news);
            }

            return user;
        }

        if (await FindProvedAsync(news) is { } present)
        {
            await KnowAsync(news, present);
            await UpdateUserAsync(present, news);
            return present;
        }

        return await CreateUserAsync(news);
    }

    /// <summary>Somebody who has proved the same address here, when this server still signed people in itself: the same person.</summary>
    private async Task<UserId?> FindProvedAsync(ClerkUser news)
    {
        var present = news is { Email: not null, IsEmailVerified: true }
            ? await ReadAsync(
                """
                SELECT u.id FROM users u WHERE u.email = $1 AND u.closed_at IS NULL AND u.email_verified_at IS NOT NULL
                  AND NOT EXISTS (SELECT FROM clerk_objects c WHERE c.kind = 'user' AND c.user_id = u.id)
                FOR UPDATE
                """,
                reader => new UserId(reader.GetGuid(0)),
                news.Email)
            : [];
        return present is [var one] ? one : null;
    }

    private async Task<UserId> CreateUserAsync(ClerkUser news)
    {
        var (user, account) = (UserId.New(), AccountId.New());
        await ExecuteAsync(
            """
            WITH person AS (INSERT INTO users (id, name, created_at, updated_at) VALUES ($1, $2, $5, $5) RETURNING id),
            account AS (INSERT INTO accounts (id, name, personal_user_id, created_at, updated_at) SELECT $3, $4, id, $5, $5 FROM person RETURNING id),
            head AS (INSERT INTO ledger_heads (account_id) SELECT id FROM account RETURNING account_id)
            INSERT INTO memberships (account_id, user_id, role, created_at) SELECT account.id, person.id, 'owner', $5 FROM account, person, head
            """,
            user.Value,
            news.Name,
            account.Value,
            news.Name ?? news.Email ?? NamelessAccount,
            now);
        await KnowAsync(news, user);
        await ClaimEmailAsync(user, news);
        var key = firstKey(account, user);
        await KeysStore.InsertAsync(transaction.Connection!, transaction, key.Row, cancellationToken);
        await UnseenKeysStore.InsertAsync(transaction, key.Row, key.Sealed, cancellationToken);
        await AuditAsync(account, AuditActions.UserSignedUp, new AuditObject("user", user.ToString(), news.Email));
        await AuditAsync(account, AuditActions.KeyCreated, new AuditObject("key", key.Row.Id.ToString("N"), key.Row.Name));
        return user;
    }

    private async Task UpdateUserAsync(UserId user, ClerkUser news)
    {
        // As whoever closes a user: the account first.
        await ExecuteAsync("SELECT FROM accounts WHERE personal_user_id = $1 FOR NO KEY UPDATE", user.Value);
        var before = (await ReadAsync(
            "SELECT email, name FROM users WHERE id = $1 FOR NO KEY UPDATE",
            reader => (Email: reader.IsDBNull(0) ? null : reader.GetString(0), Name: reader.IsDBNull(1) ? null : reader.GetString(1)),
            user.Value)).Single();
        await KnowAsync(news, user);
        await ExecuteAsync("UPDATE users SET name = $2, updated_at = $3 WHERE id = $1", user.Value, news.Name, now);
        var email = await ClaimEmailAsync(user, news);
        // Named after them by us, and not by them since.
        var accounts = await ReadAsync(
            "UPDATE accounts SET name = $2, updated_at = $4 WHERE personal_user_id = $1 AND (name = $3 OR name = $5) RETURNING id",
            reader => new AccountId(reader.GetGuid(0)),
            user.Value,
            news.Name ?? news.Email ?? NamelessAccount,
            before.Name ?? before.Email ?? NamelessAccount,
            now,
            NamelessAccount);
        if (before != (email, news.Name))
        {
            await AuditAsync(
                accounts is [var account] ? account : null,
                AuditActions.UserUpdated,
                new AuditObject("user", user.ToString(), news.Email),
                JsonSerializer.Serialize(new { email = before.Email, name = before.Name }),
                JsonSerializer.Serialize(new { email, name = news.Name }));
        }
    }

    private async Task KnowAsync(ClerkUser news, UserId user) => await ExecuteAsync(
        "UPDATE clerk_objects SET user_id = $2, updated_ms = greatest(updated_ms, $3) WHERE kind = 'user' AND id = $1",
        news.Id,
        user.Value,
        news.UpdatedMs);

    /// <summary>
    /// An address is of one person. Clerk keeps it so among its own: of two that are said to have it, the one who proved it has it, and of two who
    /// did, or did not, the one of whom it was said last: the other's news is on its way. It is not taken from somebody who signed up here.
    /// </summary>
    /// <returns>What the person has now.</returns>
    private async Task<string?> ClaimEmailAsync(UserId user, ClerkUser news)
    {
        await ExecuteAsync(
            """
            UPDATE users SET email = NULL, email_verified_at = NULL, updated_at = $4 WHERE email = $1 AND closed_at IS NULL AND id <> $2
              AND EXISTS (
                SELECT FROM clerk_objects c WHERE c.kind = 'user' AND c.user_id = users.id
                  AND (($5 AND email_verified_at IS NULL) OR ($5 = (email_verified_at IS NOT NULL) AND c.updated_ms < $3)))
            """,
            news.Email,
            user.Value,
            news.UpdatedMs,
            now,
            news.IsEmailVerified);
        var email = await ReadAsync(
            """
            UPDATE users SET
              email = CASE WHEN EXISTS (SELECT FROM users o WHERE o.email = $2 AND o.closed_at IS NULL AND o.id <> $1) THEN NULL ELSE $2 END,
              email_verified_at = CASE WHEN $3 THEN coalesce(CASE WHEN email = $2 THEN email_verified_at END, $4) END
            WHERE id = $1 RETURNING email
            """,
            reader => reader.IsDBNull(0) ? null : reader.GetString(0),
            user.Value,
            news.Email,
            news.IsEmailVerified,
            now);
        return email.Single();
    }

    private async Task DeleteUserAsync(string clerkUser)
    {
        var known = await LockAsync(UserKind, clerkUser);
        await ForgetAsync(UserKind, clerkUser);
        if (known is not { IsDeleted: false, User: { } user })
        {
            return;
        }

        await ExecuteAsync("UPDATE clerk_objects SET deleted = true WHERE kind = 'membership' AND user_id = $1", user.Value);
        var places = await ReadAsync(
            """
            SELECT a.id, a.personal_user_id IS NOT DISTINCT FROM $1 FROM accounts a
            WHERE a.personal_user_id = $1 OR a.id IN (SELECT m.account_id FROM memberships m WHERE m.user_id = $1)
            ORDER BY a.id FOR NO KEY UPDATE
            """,
            reader => (Account: new AccountId(reader.GetGuid(0)), IsPersonal: reader.GetBoolean(1)),
            user.Value);
        await ExecuteAsync("UPDATE users SET closed_at = $2, updated_at = $2 WHERE id = $1", user.Value, now);
        await ExecuteAsync("DELETE FROM sessions WHERE user_id = $1", user.Value);
        await ExecuteAsync("DELETE FROM unseen_keys WHERE user_id = $1", user.Value);
        foreach (var (account, isPersonal) in places)
        {
            if (isPersonal)
            {
                await AuditAsync(account, AuditActions.UserClosed, new AuditObject("user", user.ToString(), null));
                await CloseAsync(account);
            }
            else
            {
                await RemoveMemberAsync(account, user);
                await ResolveRolesAsync(account);
                await EnsureOwnerAsync(account);
            }
        }
    }
}
