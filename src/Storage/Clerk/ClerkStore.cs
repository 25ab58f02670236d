using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using Npgsql;

namespace LlmObserve.Storage.Clerk;

/// <summary>
/// The people, accounts and memberships that Clerk vouches for. README.md beside this file says why any order of news, and any number of
/// repetitions, ends in the same state.
/// </summary>
public sealed class ClerkStore(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Two transactions that want each other's rows, or one address: the one that was stopped begins again. More than that is no accident.</summary>
    private const int MaxAttempts = 4;

    /// <summary>What is known of a user of Clerk's; null where nothing is.</summary>
    public Task<ClerkObject?> FindUserAsync(string clerkUser, CancellationToken cancellationToken) =>
        FindAsync(ClerkTransaction.UserKind, clerkUser, cancellationToken);

    /// <summary>What is known of an organization of Clerk's; null where nothing is.</summary>
    public Task<ClerkObject?> FindOrganizationAsync(string clerkOrganization, CancellationToken cancellationToken) =>
        FindAsync(ClerkTransaction.OrganizationKind, clerkOrganization, cancellationToken);

    /// <summary>The id at Clerk of a person; null for one whom Clerk does not know.</summary>
    public async Task<string?> FindClerkUserAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id FROM clerk_objects WHERE kind = 'user' AND user_id = $1 ORDER BY id LIMIT 1");
        command.Parameters.Add(new() { Value = user.Value });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>
    /// Does what an event asks for, in one transaction with the message's id; nothing for a message that was acted on before. Whom it reaches is the
    /// same then, so that what a crash left undone is done by the repetition.
    /// </summary>
    /// <param name="happened">What Clerk tells.</param>
    /// <param name="message">The message's id; null where no message told it.</param>
    /// <param name="actor">For the audit log.</param>
    /// <param name="firstKey">Makes the first key of a new person.</param>
    /// <param name="cancellationToken">Ends it; then nothing was done, or all.</param>
    public async Task<ClerkReach> ApplyAsync(
        ClerkEvent happened, string? message, Actor actor, Func<AccountId, UserId, SealedKey> firstKey, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var moved = await TryApplyAsync(happened, message, actor, firstKey, cancellationToken);

                // It is done: from here on nobody may stop half-way.
                return await ReachAsync(happened, moved);
            }
            catch (PostgresException e) when (attempt < MaxAttempts
                && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation)
            {
                // The next attempt sees what the other has committed.
            }
        }
    }

    /// <summary>Whom an event reaches as things are now, and who was moved by it.</summary>
    private async Task<ClerkReach> ReachAsync(ClerkEvent happened, HashSet<UserId> moved)
    {
        var (kind, id) = ClerkTransaction.ObjectOf(happened);
        await using var batch = database.CreateBatch();
        // The people of the object, and of the object's account.
        batch.BatchCommands.Add(new(
            """
            SELECT user_id FROM clerk_objects WHERE kind = $1 AND id = $2 AND user_id IS NOT NULL
            UNION
            SELECT m.user_id FROM clerk_objects o JOIN clerk_objects m ON m.kind = 'membership' AND m.account_id = o.account_id
            WHERE o.kind = $1 AND o.id = $2 AND m.user_id IS NOT NULL
            UNION
            SELECT m.user_id FROM clerk_objects u JOIN clerk_objects own ON own.kind = 'membership' AND own.user_id = u.user_id
              JOIN clerk_objects m ON m.kind = 'membership' AND m.account_id = own.account_id
            WHERE $1 = 'user' AND u.deleted AND u.kind = $1 AND u.id = $2 AND m.user_id IS NOT NULL
            UNION
            SELECT m.user_id FROM clerk_objects u JOIN accounts a ON a.personal_user_id = u.user_id JOIN memberships m ON m.account_id = a.id
            WHERE $1 = 'user' AND u.deleted AND u.kind = $1 AND u.id = $2
            """)
        {
            Parameters = { new() { Value = kind }, new() { Value = id } },
        });
        // The keys that went with a closed account.
        batch.BatchCommands.Add(new(
            """
            SELECT k.key_sha256 FROM clerk_objects o
              JOIN accounts a ON (a.id = o.account_id OR a.personal_user_id = o.user_id) AND a.closed_at IS NOT NULL
              JOIN api_keys k ON k.account_id = a.id AND k.revoked_at >= a.closed_at
            WHERE o.kind = $1 AND o.id = $2 AND o.kind <> 'membership' AND o.deleted
            """)
        {
            Parameters = { new() { Value = kind }, new() { Value = id } },
        });
        await using var reader = await batch.ExecuteReaderAsync();
        var users = new HashSet<UserId>(moved);
        while (await reader.ReadAsync())
        {
            users.Add(new UserId(reader.GetGuid(0)));
        }

        await reader.NextResultAsync();
        var keys = new List<byte[]>();
        while (await reader.ReadAsync())
        {
            keys.Add(reader.GetFieldValue<byte[]>(0));
        }

        return new ClerkReach(users, keys);
    }

    private async Task<HashSet<UserId>> TryApplyAsync(
        ClerkEvent happened, string? message, Actor actor, Func<AccountId, UserId, SealedKey> firstKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (message is not null && !await NoteAsync(transaction, message, now, cancellationToken))
        {
            return [];
        }

        var change = new ClerkTransaction(transaction, now, actor, firstKey, cancellationToken);
        await change.ApplyAsync(happened);
        await transaction.CommitAsync(cancellationToken);
        return change.Moved;
    }

    /// <summary>False where the message was noted before. Where another transaction is noting it now, this waits for that one's end.</summary>
    private static async Task<bool> NoteAsync(NpgsqlTransaction transaction, string message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(
            "INSERT INTO webhook_messages (id, received_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            transaction.Connection,
            transaction)
        {
            Parameters = { new() { Value = message }, Parameters.Instant(now) },
        };
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<ClerkObject?> FindAsync(string kind, string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT updated_ms, deleted, user_id, account_id FROM clerk_objects WHERE kind = $1 AND id = $2");
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ClerkTransaction.FromRow(reader) : null;
    }
}
