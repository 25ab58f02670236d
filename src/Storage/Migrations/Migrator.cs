using LlmObserve.Storage.RowSecurity;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Migrations;

/// <summary>
/// Brings a database to the newest schema. Each file runs in a transaction of its own together with its record in
/// its set's history, under an advisory lock, so that processes that start at once apply each file once. What the files cannot carry through a
/// restore, roles and what names them, is made sure of at every start.
/// </summary>
public static partial class Migrator
{
    /// <summary>Any number that nothing else in this database uses; it reads "llmo" in ASCII.</summary>
    private const long LockKey = 0x6C6C6D6F;

    /// <summary>The longest that one file, or the wait for another process's files, may take.</summary>
    private const int TimeoutSeconds = 1800;

    /// <summary>Applies <see cref="MigrationSet.Main"/>.</summary>
    /// <exception cref="MigrationException">The database was migrated with other files, or a file fails; nothing of that file stays.</exception>
    public static Task MigrateAsync(NpgsqlDataSource db, ILogger logger, CancellationToken cancellationToken) =>
        MigrateAsync(db, MigrationSet.Main, logger, cancellationToken);

    /// <summary>Applies those files of <paramref name="set"/>, in order, that the database does not have.</summary>
    /// <exception cref="MigrationException">The database was migrated with other files, or a file fails; nothing of that file stays.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource db, MigrationSet set, ILogger logger, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                $"""
                CREATE TABLE IF NOT EXISTS {set.History} (
                  version    integer     PRIMARY KEY,
                  name       text        NOT NULL,
                  sha256     text        NOT NULL,
                  applied_at timestamptz NOT NULL DEFAULT now()
                )
                """,
                cancellationToken);
            var applied = await AppliedAsync(connection, set.History, cancellationToken);
            RequireSameHistory(applied, set.Migrations);
            if (set.NamesRoles)
            {
                await DatabaseRoles.EnsureAsync(connection, cancellationToken);
            }

            foreach (var migration in set.Migrations.Skip(applied.Count))
            {
                await ApplyAsync(connection, set.History, migration, cancellationToken);
                LogApplied(logger, migration.Name);
            }

            if (set.RowSecurity is { Count: > 0 } files)
            {
                var putBack = await SecurityWall.RequireAsync(connection, files, cancellationToken);
                if (putBack.Count > 0)
                {
                    LogPutBack(logger, string.Join(", ", putBack));
                }
            }
        }
        finally
        {
            // A broken connection has let go of the lock by itself.
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
            }
        }
    }

    /// <summary>What the database has must be exactly the beginning of what the program has.</summary>
    private static void RequireSameHistory(List<(int Version, string Name, string Sha256)> applied, IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < applied.Count; i++)
        {
            var (version, name, sha256) = applied[i];
            var known = migrations.FirstOrDefault(migration => migration.Version == version)
                ?? throw new MigrationException(
                    $"The database has migration '{name}', which this program does not know: a newer program has used it. Start that one.");
            if (known.Sha256 != sha256)
            {
                throw new MigrationException(
                    $"Migration '{known.Name}' differs from the one that was applied to this database. A landed file never changes: "
                    + "restore it, and put the change into a new file.");
            }

            if (migrations[i].Version != version)
            {
                throw new MigrationException(
                    $"Migration '{migrations[i].Name}' was not applied to this database although later ones were: a new file needs the highest number.");
            }
        }
    }

    private static async Task<List<(int Version, string Name, string Sha256)>> AppliedAsync(
        NpgsqlConnection connection, string history, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand($"SELECT version, name, sha256 FROM {history} ORDER BY version", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var applied = new List<(int Version, string Name, string Sha256)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        }

        return applied;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, string history, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }
        catch (PostgresException refused)
        {
            throw new MigrationException($"Migration '{migration.Name}' failed and was rolled back: {refused.MessageText}", refused);
        }

        await using var record = new NpgsqlCommand($"INSERT INTO {history} (version, name, sha256) VALUES ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = migration.Sha256 } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
