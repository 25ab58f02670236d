using LlmObserve.Storage.Migrations;
using Npgsql;

namespace LlmObserve.Storage.RowSecurity;

/// <summary>
/// The two roles that account-scoped reads and the ledger's appends run as. Roles belong to the whole server: several databases may be looking for
/// them at once, and an administrator may have made them. Where both are there and the login role may take them on, no privilege is needed.
/// </summary>
internal static class DatabaseRoles
{
    /// <summary>Sees the rows of the account that its transaction names, and writes nothing.</summary>
    public const string Reader = "llmobserve_reader";

    /// <summary>Appends to the ledger of every account, and takes nothing away.</summary>
    public const string Ledger = "llmobserve_ledger";

    /// <summary>Databases of one server that start at once get in each other's way this often at most; each time one of them gets on.</summary>
    private const int MaxAttempts = 50;

    /// <summary>From this server on, being a member and being allowed to SET ROLE are two things.</summary>
    private const int ServerWithSetOption = 16;

    /// <summary>Makes the roles that are missing, and the login role a member of both.</summary>
    /// <exception cref="MigrationException">The login role may not do so, or a role of that name is not what it has to be.</exception>
    public static Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        EnsureAsync(connection, [Reader, Ledger], cancellationToken);

    /// <summary>The same for roles of other names, which tests can miss.</summary>
    internal static async Task EnsureAsync(NpgsqlConnection connection, string[] names, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (login, statements) = await MissingAsync(connection, names, cancellationToken);
            try
            {
                foreach (var statement in statements)
                {
                    await using var command = new NpgsqlCommand(statement, connection);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }

                return;
            }
            catch (PostgresException busy) when (IsOtherDatabase(busy) && attempt < MaxAttempts)
            {
                // Another database was quicker with the same statement; what is still missing is looked up anew.
            }
            catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new MigrationException(
                    $"The login role {login} may not make the roles that this program reads and appends as. Have an administrator of the server run: "
                    + $"{string.Join(" ", statements)} Then start again.",
                    refused);
            }
        }
    }

    /// <summary>The statements that an administrator would run, in their order.</summary>
    private static async Task<(string Login, List<string> Statements)> MissingAsync(
        NpgsqlConnection connection, string[] names, CancellationToken cancellationToken)
    {
        var option = connection.PostgreSqlVersion.Major >= ServerWithSetOption ? "SET" : "MEMBER";
        await using var select = new NpgsqlCommand(
            $"""
            SELECT wanted.name, r.oid IS NOT NULL, coalesce(r.rolsuper OR r.rolbypassrls, false),
              r.oid IS NOT NULL AND pg_has_role(session_user, r.oid, '{option}'), quote_ident(session_user)
            FROM unnest($1) WITH ORDINALITY AS wanted (name, place) LEFT JOIN pg_roles r ON r.rolname = wanted.name
            ORDER BY wanted.place
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = names } },
        };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var login = "";
        List<string> roles = [];
        List<string> memberships = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            login = reader.GetString(4);
            if (reader.GetBoolean(2))
            {
                throw new MigrationException(
                    $"The role {name} may bypass row security, so that nothing would stand between accounts. Have an administrator of the server run: "
                    + $"ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS; Then start again.");
            }

            if (!reader.GetBoolean(1))
            {
                roles.Add($"CREATE ROLE {name} NOLOGIN;");
            }

            if (!reader.GetBoolean(3))
            {
                memberships.Add($"GRANT {name} TO {login};");
            }
        }

        return (login, [.. roles, .. memberships]);
    }

    private static bool IsOtherDatabase(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation
        || (error.SqlState == PostgresErrorCodes.InternalError && error.MessageText.Contains("concurrently", StringComparison.Ordinal));
}
