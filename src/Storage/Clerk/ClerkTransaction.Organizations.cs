using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;

namespace LlmObserve.Storage.Clerk;

/// <summary>Organizations: accounts with several members.</summary>
internal sealed partial class ClerkTransaction
{
    /// <summary>The account; null for an organization that Clerk has deleted.</summary>
    private async Task<AccountId?> SaveOrganizationAsync(ClerkOrganization news)
    {
        var known = await LockAsync(OrganizationKind, news.Id);
        if (known.IsDeleted)
        {
            return null;
        }

        var account = known.Account ?? AccountId.New();
        var knewCreator = await ExecuteAsync(
            "UPDATE clerk_objects SET created_by = $2 WHERE kind = 'organization' AND id = $1 AND created_by IS NULL AND $2 IS NOT NULL",
            news.Id,
            news.CreatedBy) == 0;
        if (known.Account is null)
        {
            await ExecuteAsync(
                """
                WITH account AS (INSERT INTO accounts (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3) RETURNING id)
                INSERT INTO ledger_heads (account_id) SELECT id FROM account
                """,
                account.Value,
                news.Name,
                now);
            await ExecuteAsync(
                "UPDATE clerk_objects SET account_id = $2, updated_ms = $3 WHERE kind = 'organization' AND id = $1",
                news.Id,
                account.Value,
                news.UpdatedMs);
            await AuditAsync(account, AuditActions.AccountCreated, new AuditObject("account", account.ToString(), news.Name));
        }
        else if (news.UpdatedMs > 0 && news.UpdatedMs >= known.UpdatedMs)
        {
            await ExecuteAsync("UPDATE clerk_objects SET updated_ms = $2 WHERE kind = 'organization' AND id = $1", news.Id, news.UpdatedMs);
            if (await ExecuteAsync("UPDATE accounts SET name = $2, updated_at = $3 WHERE id = $1 AND name <> $2", account.Value, news.Name, now) > 0)
            {
                await AuditAsync(account, AuditActions.AccountUpdated, new AuditObject("account", account.ToString(), news.Name));
            }
        }

        if (!knewCreator)
        {
            // Who made it may be a member already.
            await LockAccountAsync(account);
            await ResolveRolesAsync(account);
        }

        return account;
    }

    private async Task DeleteOrganizationAsync(string organization)
    {
        var known = await LockAsync(OrganizationKind, organization);
        await ForgetAsync(OrganizationKind, organization);
        if (known is not { IsDeleted: false, Account: { } account })
        {
            return;
        }

        await ExecuteAsync("UPDATE clerk_objects SET deleted = true WHERE kind = 'membership' AND account_id = $1", account.Value);
        await LockAccountAsync(account);
        await CloseAsync(account);
        await ExecuteAsync("DELETE FROM memberships WHERE account_id = $1", account.Value);
    }
}
