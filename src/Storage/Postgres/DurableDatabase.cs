using Npgsql;

namespace LlmObserve.Storage.Postgres;

/// <summary>What a database must be before the ledger may trust it.</summary>
public static class DurableDatabase
{
    // server_version_num of the oldest version that the migrations are written for.
    private const int OldestVersionNumber = PostgresBinaries.OldestMajor * 10_000;

    /// <summary>Refuses a server that acknowledges a commit before it is on disk, or that is too old.</summary>
    /// <exception cref="PrivatePostgresException">It is such a server; the message names the settings.</exception>
    /// <exception cref="NpgsqlException">It cannot be reached.</exception>
    public static async Task EnsureAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num')");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var unsafeSettings = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (name, setting) = (reader.GetString(0), reader.GetString(1));
            if (name == "server_version_num")
            {
                if (int.Parse(setting) < OldestVersionNumber)
                {
                    throw new PrivatePostgresException(
                        $"The database runs PostgreSQL {int.Parse(setting) / 10_000}: {PostgresBinaries.OldestMajor} or newer is needed.");
                }
            }
            else if (setting == "off")
            {
                unsafeSettings.Add(name);
            }
        }

        if (unsafeSettings.Count > 0)
        {
            throw new PrivatePostgresException(
                $"The database has {string.Join(", ", unsafeSettings.Order())} off, so it acknowledges events that a crash can lose. " +
                "Turn on fsync, full_page_writes and synchronous_commit.");
        }
    }
}
