using Npgsql;

namespace LlmObserve.Storage.Migrations;

/// <summary>The start-up check that an acknowledged commit of this database is on its disk.</summary>
public static class DurableDatabase
{
    /// <summary>The oldest server that the tests have run on.</summary>
    private const int LeastServerVersion = 150_000;

    /// <summary>In the order in which the query answers them.</summary>
    private static readonly string[] s_settings = ["fsync", "full_page_writes", "synchronous_commit"];

    /// <summary>Refuses a database on which a crash could lose or tear what was acknowledged.</summary>
    /// <exception cref="MigrationException">A setting is off or the server is too old; the message says what to change.</exception>
    public static async Task RequireAsync(NpgsqlDataSource db, CancellationToken cancellationToken)
    {
        await using var select = db.CreateCommand(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
              current_setting('server_version_num')::integer, current_setting('server_version')
            """);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var version = reader.GetInt32(3);
        if (version < LeastServerVersion)
        {
            throw new MigrationException($"PostgreSQL {reader.GetString(4)} is too old: version {LeastServerVersion / 10_000} or later is needed.");
        }

        // The other values of synchronous_commit (local, remote_write, remote_apply) wait for this server's own disk too.
        var off = s_settings.Where((_, column) => reader.GetString(column) == "off").ToList();
        if (off.Count > 0)
        {
            throw new MigrationException(
                $"This PostgreSQL runs with {string.Join(" and ", off.Select(name => name + " = off"))}: a crash could lose events that were "
                + "acknowledged. Turn it on in postgresql.conf (and for the role and database, ALTER ROLE and ALTER DATABASE … RESET), then start again.");
        }
    }
}
