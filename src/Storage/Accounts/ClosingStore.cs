using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>
/// The end of accounts and users, as far as it can be taken back: a closed account opens to nobody, keeps its data for <see cref="AccountEnd.Grace"/>,
/// and then <see cref="AccountPurge"/> deletes it.
/// </summary>
public sealed partial class ClosingStore(NpgsqlDataSource database)
{
    /// <summary>Closes an account for one of its owners. Again is answered like the first time.</summary>
    public Task<ClosingAnswer> CloseAsync(AccountAct act, CancellationToken cancellationToken) => WriteAsync(act, CloseAsync, cancellationToken);

    /// <summary>Opens a closed account again for one of its owners, while its data is there.</summary>
    public Task<ClosingAnswer> RestoreAsync(AccountAct act, CancellationToken cancellationToken) => WriteAsync(act, RestoreAsync, cancellationToken);

    /// <summary>Closes an account, whoever belongs to it; null where there is none. For an identity provider that has deleted it.</summary>
    public async Task<AccountEnd?> CloseAsync(AccountId id, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockedAccount.TakeAsync(transaction, id, cancellationToken) is not { } account)
        {
            return null;
        }

        var end = await CloseAsync(transaction, account, actor, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return end;
    }

    /// <summary>The hashes of an account's keys that are not revoked: whose grains must hear of a change.</summary>
    public async Task<IReadOnlyList<byte[]>> ListKeysAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT key_sha256 FROM api_keys WHERE account_id = $1 AND revoked_at IS NULL");
        command.Parameters.Add(new() { Value = account.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var hashes = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            hashes.Add(reader.GetFieldValue<byte[]>(0));
        }

        return hashes;
    }

    private async Task<ClosingAnswer> WriteAsync(
        AccountAct act,
        Func<NpgsqlTransaction, LockedAccount, Actor, DateTimeOffset, CancellationToken, Task<AccountEnd?>> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockedAccount.TakeAsync(transaction, act.Account, cancellationToken) is not { } account || account.RoleOf(act.User) is not { } role)
        {
            return new ClosingAnswer(ClosingOutcome.NoAccount);
        }

        if (role < AccountRole.Owner || account.IsPersonal)
        {
            return new ClosingAnswer(role < AccountRole.Owner ? ClosingOutcome.MissingRole : ClosingOutcome.PersonalAccount, null, role);
        }

        if (await write(transaction, account, act.Actor, act.At, cancellationToken) is not { } end)
        {
            return new ClosingAnswer(ClosingOutcome.NoAccount);
        }

        await transaction.CommitAsync(cancellationToken);
        return new ClosingAnswer(ClosingOutcome.Done, end, role);
    }

    internal static async Task<AccountEnd?> CloseAsync(
        NpgsqlTransaction transaction, LockedAccount account, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (account.ClosedAt is not null)
        {
            return EndOf(account);
        }

        var closed = account with { ClosedAt = now, PurgeAt = now + AccountEnd.Grace };
        await SetEndAsync(transaction, closed, now, cancellationToken);
        await AuditAsync(transaction, AuditActions.AccountClosed, account, closed, actor, now, cancellationToken);
        return EndOf(closed);
    }

    /// <summary>Once its time is over an account's data may be going already: nothing opens it again.</summary>
    private static async Task<AccountEnd?> RestoreAsync(
        NpgsqlTransaction transaction, LockedAccount account, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (account.ClosedAt is null)
        {
            return EndOf(account);
        }

        if (account.PurgeAt <= now || !await HasHeadAsync(transaction, account.Id, cancellationToken))
        {
            return null;
        }

        var open = account with { ClosedAt = null, PurgeAt = null };
        await SetEndAsync(transaction, open, now, cancellationToken);
        await AuditAsync(transaction, AuditActions.AccountRestored, account, open, actor, now, cancellationToken);
        return EndOf(open);
    }

    /// <summary>The first thing that a purge takes away: clocks of two machines may differ about whether it was time.</summary>
    private static async Task<bool> HasHeadAsync(NpgsqlTransaction transaction, AccountId account, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT true FROM ledger_heads WHERE account_id = $1", transaction.Connection, transaction);
        find.Parameters.Add(new() { Value = account.Value });
        return await find.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static AccountEnd EndOf(LockedAccount account) =>
        new(account.Id, account.Name, account.ClosedAt, account.PurgeAt, [.. account.Members.Keys]);

    private static Task<int> SetEndAsync(NpgsqlTransaction transaction, LockedAccount account, DateTimeOffset now, CancellationToken cancellationToken) =>
        MembersSql.ExecuteAsync(
            transaction,
            "UPDATE accounts SET closed_at = $2, purge_at = $3, updated_at = $4 WHERE id = $1",
            [new() { Value = account.Id.Value }, Parameters.Instant(account.ClosedAt), Parameters.Instant(account.PurgeAt), Parameters.Instant(now)],
            cancellationToken);

    private static Task AuditAsync(
        NpgsqlTransaction transaction,
        string action,
        LockedAccount before,
        LockedAccount after,
        Actor actor,
        DateTimeOffset now,
        CancellationToken cancellationToken) => AuditStore.InsertAsync(
        transaction,
        new AuditEntry(before.Id, now, actor, action, before.Object) { Before = Json(before), After = Json(after) },
        cancellationToken);

    private static string Json(LockedAccount account) =>
        AuditJson.Of(("closed_at", AuditJson.Instant(account.ClosedAt)), ("purge_at", AuditJson.Instant(account.PurgeAt)));
}
