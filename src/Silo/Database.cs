using LlmObserve.Storage.Migrations;
using Npgsql;

namespace LlmObserve.Silo;

/// <summary>Makes sure of the database before anything uses it.</summary>
internal static partial class Database
{
    // A database that starts together with us, as in a compose file, takes this long to answer at worst.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    public static async Task PrepareAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken)
    {
        await WaitAsync(database, logger, cancellationToken);
        try
        {
            await DurableDatabase.RequireAsync(database, cancellationToken);
            await Migrator.MigrateAsync(database, logger, cancellationToken);
        }
        catch (MigrationException refused)
        {
            throw new StartFailedException(refused.Message, refused);
        }
    }

    private static async Task WaitAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException down) when (down is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } or not PostgresException)
            {
                if (time.GetElapsedTime(started) > s_patience)
                {
                    throw new StartFailedException($"The database does not answer: {down.Message}", down);
                }

                LogWaiting(logger, down.Message);
            }
            catch (PostgresException refused)
            {
                throw new StartFailedException($"The database refuses us: {refused.MessageText}", refused);
            }

            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for the database: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
