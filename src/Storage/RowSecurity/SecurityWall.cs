using LlmObserve.Storage.Migrations;
using Npgsql;

namespace LlmObserve.Storage.RowSecurity;

/// <summary>
/// The start-up check that row security stands: a dump carries policies and grants, but a server without the roles does not take them, and
/// a restore may leave grants out.
/// </summary>
internal static class SecurityWall
{
    /// <summary>
    /// What is missing of the policies and rights of the two roles. A dump that was restored without the roles lacks all policies, which one of
    /// each tells; one restored without privileges has policies for a role that has no right on the table.
    /// </summary>
    private const string Missing =
        $"""
        SELECT wanted.relation::text FROM (VALUES ('events'::regclass, '{DatabaseRoles.Reader}'), ('ledger_heads', '{DatabaseRoles.Ledger}')) AS wanted (relation, role)
        WHERE NOT EXISTS (SELECT FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles) WHERE p.polrelid = wanted.relation AND r.rolname = wanted.role)
        UNION
        SELECT p.polrelid::regclass::text FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)
        WHERE r.rolname IN ('{DatabaseRoles.Reader}', '{DatabaseRoles.Ledger}') AND NOT has_any_column_privilege(r.oid, p.polrelid, 'SELECT')
        ORDER BY 1
        """;

    /// <summary>As the reader: what it may read without being held to an account.</summary>
    private const string Open =
        """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relrowsecurity AND has_any_column_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid)
        ORDER BY 1
        """;

    /// <summary>Puts back what a restore left out, and makes sure that the reader is held to its account.</summary>
    /// <param name="connection">Of the login role, without a transaction.</param>
    /// <param name="files">Those that can put it up again, in order.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>The tables on which something was missing and has been put back.</returns>
    /// <exception cref="MigrationException">The wall does not stand; the message says where.</exception>
    public static async Task<IReadOnlyList<string>> RequireAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> files, CancellationToken cancellationToken)
    {
        var before = await TablesAsync(connection, Missing, cancellationToken);
        if (before.Count > 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            foreach (var file in files)
            {
                await using var again = new NpgsqlCommand(file.Sql, connection, transaction);
                await again.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        if (await TablesAsync(connection, Missing, cancellationToken) is { Count: > 0 } missing)
        {
            throw new MigrationException(
                $"Row security is incomplete on {string.Join(", ", missing)}: a policy is missing, or a right of its role. Was the database restored "
                + "from a dump? Restore it again, now that the server has the roles, and with its privileges.");
        }

        await using var asReader = await connection.BeginTransactionAsync(cancellationToken);
        await using (var role = new NpgsqlCommand($"SET LOCAL ROLE {DatabaseRoles.Reader}", connection, asReader))
        {
            await role.ExecuteNonQueryAsync(cancellationToken);
        }

        if (await TablesAsync(connection, Open, cancellationToken) is { Count: > 0 } open)
        {
            throw new MigrationException(
                $"The role {DatabaseRoles.Reader} may read {string.Join(", ", open)} without being held to one account: it owns them, or is a member of "
                + "a role that does. Take that away, then start again.");
        }

        return before;
    }

    private static async Task<List<string>> TablesAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(sql, connection);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        List<string> tables = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }
}
