using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>A person in an account.</summary>
/// <param name="User">Who.</param>
/// <param name="Email">In lower case; null where it is not known.</param>
/// <param name="Name">As the person gave it.</param>
/// <param name="Role">What they are there.</param>
/// <param name="JoinedAt">Since when.</param>
public sealed record MemberRow(UserId User, string? Email, string? Name, AccountRole Role, DateTimeOffset JoinedAt);

/// <summary>How members are read and written.</summary>
internal static class MembersSql
{
    /// <summary>Those who have not closed their user, in the order in which they came.</summary>
    public const string List =
        """
        SELECT m.user_id, u.email, u.name, m.role, m.created_at FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.account_id = $1 AND u.closed_at IS NULL ORDER BY m.created_at, m.user_id
        """;

    public static async Task<List<MemberRow>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var members = new List<MemberRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(new MemberRow(
                new UserId(reader.GetGuid(0)),
                reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                AccountRoles.FromStored(reader.GetString(3)),
                reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return members;
    }

    /// <summary>Gives a member of a locked account a role.</summary>
    public static Task SetRoleAsync(NpgsqlTransaction transaction, AccountId account, UserId user, AccountRole role, CancellationToken cancellationToken) =>
        ExecuteAsync(
            transaction,
            "UPDATE memberships SET role = $3 WHERE account_id = $1 AND user_id = $2",
            [new() { Value = account.Value }, new() { Value = user.Value }, new() { Value = role.ToWire() }],
            cancellationToken);

    /// <summary>Takes a member out of a locked account.</summary>
    public static Task DeleteAsync(NpgsqlTransaction transaction, AccountId account, UserId user, CancellationToken cancellationToken) => ExecuteAsync(
        transaction,
        "DELETE FROM memberships WHERE account_id = $1 AND user_id = $2",
        [new() { Value = account.Value }, new() { Value = user.Value }],
        cancellationToken);

    /// <summary>Puts a member into a locked account.</summary>
    public static Task InsertAsync(
        NpgsqlTransaction transaction, AccountId account, UserId user, AccountRole role, DateTimeOffset now, CancellationToken cancellationToken) => ExecuteAsync(
        transaction,
        "INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
        [new() { Value = account.Value }, new() { Value = user.Value }, new() { Value = role.ToWire() }, Parameters.Instant(now)],
        cancellationToken);

    /// <summary>Runs a statement of a transaction and says how many rows it changed.</summary>
    public static async Task<int> ExecuteAsync(
        NpgsqlTransaction transaction, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
