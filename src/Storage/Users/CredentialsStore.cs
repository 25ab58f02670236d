using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.Sessions;
using Npgsql;

namespace LlmObserve.Storage.Users;

/// <summary>What people prove themselves by: password hashes, and links that were mailed to them. Of a link's token only the hash is stored.</summary>
public sealed class CredentialsStore(NpgsqlDataSource database)
{
    /// <summary>Links of one purpose that a person may have open: whoever asked more than once may follow an older mail.</summary>
    public const int MaxLinks = 5;

    /// <summary>Good until used or over, and as long as the person has not left and has still the address that it was sent to.</summary>
    private const string OfLink =
        """
        FROM user_tokens t JOIN users u ON u.id = t.user_id JOIN accounts a ON a.personal_user_id = u.id
        WHERE t.sha256 = $1 AND t.purpose = $2 AND t.expires_at > $3 AND u.email = t.email AND u.closed_at IS NULL
        """;

    /// <summary>Stores a link; the person's oldest of this purpose beyond <see cref="MaxLinks"/> end.</summary>
    public async Task InsertLinkAsync(NewUserLink link, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            WITH ended AS (
              DELETE FROM user_tokens WHERE sha256 IN (
                SELECT sha256 FROM user_tokens WHERE user_id = $2 AND purpose = $3 ORDER BY created_at DESC, sha256 OFFSET {MaxLinks - 1}))
            INSERT INTO user_tokens (sha256, user_id, purpose, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
            """);
        command.Parameters.Add(new() { Value = link.Sha256 });
        command.Parameters.Add(new() { Value = link.User.Value });
        command.Parameters.Add(new() { Value = WordOf(link.Purpose) });
        command.Parameters.Add(new() { Value = link.Email });
        command.Parameters.Add(Parameters.Instant(link.CreatedAt));
        command.Parameters.Add(Parameters.Instant(link.ExpiresAt));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whom a link is for; null where it is used, over or nobody's.</summary>
    public async Task<LinkOwner?> FindLinkAsync(byte[] sha256, LinkPurpose purpose, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT u.id, u.email, a.id {OfLink}");
        AddLink(command, sha256, purpose, now);
        return await ReadOwnerAsync(command, cancellationToken);
    }

    /// <summary>Uses a link that proves an address up, with all others that would prove the same. Null where it is used, over or nobody's.</summary>
    /// <param name="sha256">Of the link's token.</param>
    /// <param name="now">When it is used.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Gives up before it is used.</param>
    public async Task<LinkOwner?> VerifyAsync(
        byte[] sha256, DateTimeOffset now, Func<LinkOwner, AuditEntry> audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await TakeLinkAsync(transaction, sha256, LinkPurpose.Verify, now, cancellationToken) is not { } owner)
        {
            return null;
        }

        await ExecuteAsync(
            transaction,
            """
            WITH others AS (DELETE FROM user_tokens WHERE user_id = $1 AND purpose = 'verify')
            UPDATE users SET email_verified_at = coalesce(email_verified_at, $2), updated_at = $2 WHERE id = $1
            """,
            [new() { Value = owner.User.Value }, Parameters.Instant(now)],
            cancellationToken);
        await AuditStore.InsertAsync(transaction, audit(owner), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return owner;
    }

    /// <summary>
    /// Uses a link up that sets a password. Who could follow it reads the address's mail, so the address is proved too. All of the person's
    /// sessions and other links end. Null where the link is used, over or nobody's.
    /// </summary>
    /// <param name="sha256">Of the link's token.</param>
    /// <param name="passwordHash">Of the new password.</param>
    /// <param name="now">When it is used.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Gives up before it is used.</param>
    public async Task<LinkOwner?> ResetPasswordAsync(
        byte[] sha256, string passwordHash, DateTimeOffset now, Func<LinkOwner, AuditEntry> audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await TakeLinkAsync(transaction, sha256, LinkPurpose.Reset, now, cancellationToken) is not { } owner)
        {
            return null;
        }

        await ExecuteAsync(
            transaction,
            """
            WITH others AS (DELETE FROM user_tokens WHERE user_id = $1)
            UPDATE users SET password_hash = $3, email_verified_at = coalesce(email_verified_at, $2), updated_at = $2 WHERE id = $1
            """,
            [new() { Value = owner.User.Value }, Parameters.Instant(now), new() { Value = passwordHash }],
            cancellationToken);
        await SessionsStore.EndAllAsync(transaction, owner.User, except: null, cancellationToken);
        await AuditStore.InsertAsync(transaction, audit(owner), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return owner;
    }

    /// <summary>
    /// Changes a password. All other sessions of the person and links to set one end. False where the old hash is not the one that was
    /// checked: somebody else was first.
    /// </summary>
    /// <param name="user">Whose.</param>
    /// <param name="oldHash">What the current password was checked against.</param>
    /// <param name="newHash">Of the new one.</param>
    /// <param name="session">The session that goes on.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Gives up before it is changed.</param>
    public async Task<bool> ChangePasswordAsync(
        UserId user, string oldHash, string newHash, Guid? session, AuditEntry audit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changed = await ExecuteAsync(
            transaction,
            "UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2 AND closed_at IS NULL",
            [new() { Value = user.Value }, new() { Value = oldHash }, new() { Value = newHash }, Parameters.Instant(audit.At)],
            cancellationToken);
        if (changed == 0)
        {
            return false;
        }

        await ExecuteAsync(
            transaction, "DELETE FROM user_tokens WHERE user_id = $1 AND purpose = 'reset'", [new() { Value = user.Value }], cancellationToken);
        await SessionsStore.EndAllAsync(transaction, user, session, cancellationToken);
        await AuditStore.InsertAsync(transaction, audit, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<LinkOwner?> TakeLinkAsync(
        NpgsqlTransaction transaction, byte[] sha256, LinkPurpose purpose, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The row goes, so that of two who follow a link at once the second finds none.
        await using var command = new NpgsqlCommand(
            $"""
            WITH owner AS (SELECT t.sha256, u.id AS user_id, u.email, a.id AS account_id {OfLink} FOR UPDATE OF t)
            DELETE FROM user_tokens t USING owner WHERE t.sha256 = owner.sha256 RETURNING owner.user_id, owner.email, owner.account_id
            """,
            transaction.Connection,
            transaction);
        AddLink(command, sha256, purpose, now);
        return await ReadOwnerAsync(command, cancellationToken);
    }

    private static void AddLink(NpgsqlCommand command, byte[] sha256, LinkPurpose purpose, DateTimeOffset now)
    {
        command.Parameters.Add(new() { Value = sha256 });
        command.Parameters.Add(new() { Value = WordOf(purpose) });
        command.Parameters.Add(Parameters.Instant(now));
    }

    private static async Task<LinkOwner?> ReadOwnerAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new LinkOwner(new UserId(reader.GetGuid(0)), reader.GetString(1), new AccountId(reader.GetGuid(2)))
            : null;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlTransaction transaction, string sql, IEnumerable<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string WordOf(LinkPurpose purpose) => purpose == LinkPurpose.Verify ? "verify" : "reset";
}
