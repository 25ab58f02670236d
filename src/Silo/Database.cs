using LlmObserve.Silo.Engines;
using LlmObserve.Storage.Migrations;
using Npgsql;

namespace LlmObserve.Silo;

/// <summary>Makes sure of the database before anything uses it.</summary>
internal static partial class Database
{
    public const string Variable = "ConnectionStrings__LlmObserve";

    /// <summary>The database that the environment names instead of the private one, or null.</summary>
    public static string? Configured => Environment.GetEnvironmentVariable(Variable) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    // A database that starts together with us, as in a compose file, takes this long to answer at worst.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes sure that what the environment names can be one, where it names any; gives it back.</summary>
    /// <exception cref="StartFailedException">The text is no connection string.</exception>
    public static string? Check()
    {
        if (Configured is { } text)
        {
            using var pool = Open(text);
        }

        return Configured;
    }

    /// <summary>Makes the pool of connections, without connecting.</summary>
    /// <exception cref="StartFailedException">The text is no connection string.</exception>
    public static NpgsqlDataSource Open(string connectionString)
    {
        try
        {
            // Its name stands in metrics, where else the connection string would.
            return new NpgsqlDataSourceBuilder(connectionString) { Name = "llmobserve" }.Build();
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            throw new StartFailedException(
                $"{Variable} is not a connection string like Host=db;Database=llmobserve;Username=llmobserve;Password=…: {malformed.Message}", malformed);
        }
    }

    /// <summary>Waits until it answers, makes sure that it keeps what it acknowledges, and brings it to this program's schema.</summary>
    /// <exception cref="StartFailedException">It cannot be used; the message says why.</exception>
    public static async Task PrepareAsync(NpgsqlDataSource database, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        await WaitAsync(database, logging.CreateLogger(typeof(Database)), cancellationToken);
        try
        {
            await DurableDatabase.RequireAsync(database, cancellationToken);
            var logger = logging.CreateLogger(typeof(Migrator));
            await Migrator.MigrateAsync(database, logger, cancellationToken);
            if (GrainHosting.IsCluster)
            {
                await Migrator.MigrateAsync(database, MigrationSet.Cluster, logger, cancellationToken);
            }
        }
        catch (MigrationException refused)
        {
            throw new StartFailedException(refused.Message, refused);
        }
    }

    /// <summary>Whether anybody has signed up yet.</summary>
    public static async Task<bool> HasUsersAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT EXISTS (SELECT FROM users)");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
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
