using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Postgres;

/// <summary>
/// A PostgreSQL server of our own under a data directory: made at first use, started, stopped with us, and its data used again
/// next time. It runs in a session of its own, so that Ctrl-C at the terminal reaches us first; where we were killed it goes on
/// running, and the next start takes it over.
/// </summary>
public sealed partial class PrivatePostgres : IAsyncDisposable
{
    private const string UserName = "llmobserve";
    private const string DatabaseName = "llmobserve";
    private const int PasswordBytes = 32;

    // A fresh cluster takes 40 MB and its first log files 32 MB; below this the first minutes would already fill the disk.
    private const long LeastFreeBytes = 256L << 20;

    // Another process may take the port between our look at it and the server's.
    private const int PortTries = 5;

    // Recovery after a crash reads up to max_wal_size of log before the server answers.
    private const int StartSeconds = 600;

    // A fast shutdown writes what a checkpoint would: a few seconds for 256 MB of buffers, more on a slow disk.
    private const int StopSeconds = 60;

    // How long a server that is alive but does not answer is given.
    private static readonly TimeSpan s_takeOverPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_takeOverPause = TimeSpan.FromMilliseconds(100);

    private readonly PostgresDirectory _directory;
    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly string _password;
    private readonly DirectoryLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _stopped;

    private PrivatePostgres(
        PostgresDirectory directory, PostgresBinaries binaries, ServerUser user, string password, DirectoryLock taken,
        TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _binaries = binaries;
        _user = user;
        _password = password;
        _lock = taken;
        _time = time;
        _logger = logger;
    }

    /// <summary>How to reach the database, password included.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The server's process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Starts the server of <paramref name="dataDirectory"/>, or takes over the one still running there.</summary>
    /// <exception cref="PrivatePostgresException">It cannot be had; the message says why and what to do.</exception>
    public static async Task<PrivatePostgres> StartAsync(
        string dataDirectory, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PrivatePostgresException(
                "The private PostgreSQL runs on Linux and macOS. Set ConnectionStrings__LlmObserve to a PostgreSQL of your own.");
        }

        try
        {
            return await OpenAsync(dataDirectory, time, logger, cancellationToken);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new PrivatePostgresException(
                $"{denied.Message} The data directory belongs to another user: start as that user, or choose another --data directory.", denied);
        }
        catch (IOException failed)
        {
            throw new PrivatePostgresException($"The data directory {Path.GetFullPath(dataDirectory)} cannot be used: {failed.Message}", failed);
        }
    }

    /// <summary>How to reach the server that another process of ours runs on <paramref name="dataDirectory"/>; null where none is up.</summary>
    public static async Task<string?> FindRunningAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var directory = PostgresDirectory.At(dataDirectory);
        return PostmasterFile.Read(directory.Postmaster) is { } running
            && await running.StateAsync(cancellationToken) == ProcessState.Postgres
            && File.Exists(directory.Password)
            ? ConnectionStringOf(running, (await File.ReadAllTextAsync(directory.Password, cancellationToken)).Trim())
            : null;
    }

    private static async Task<PrivatePostgres> OpenAsync(
        string dataDirectory, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var directory = PostgresDirectory.At(dataDirectory);
        var taken = DirectoryLock.Take(directory.Lock, Path.GetFullPath(dataDirectory));
        try
        {
            var binaries = await PostgresBinaries.FindAsync(directory.DataMajor(), cancellationToken);
            var user = await ServerUser.FindAsync(directory.Server, cancellationToken);
            var prepared = await directory.PrepareAsync(user, cancellationToken);
            if (prepared != directory)
            {
                LogElsewhere(logger, user.Name, directory.Server, prepared.Server);
            }

            var password = PrivateFiles.ReadOrCreateSecret(prepared.Password, PasswordBytes);
            var server = new PrivatePostgres(prepared, binaries, user, password, taken, time, logger);
            if (prepared.DataMajor() is null)
            {
                await server.CreateAsync(cancellationToken);
            }

            await server.StartOrTakeOverAsync(cancellationToken);
            await server.EnsureDatabaseAsync(cancellationToken);
            return server;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private async Task StartOrTakeOverAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            var running = PostmasterFile.Read(_directory.Postmaster);
            var state = running is null ? ProcessState.Gone : await running.StateAsync(cancellationToken);
            if (state == ProcessState.Other)
            {
                // A file from before a reboot, whose process number now belongs to another program: PostgreSQL would take that for itself.
                File.Delete(_directory.Postmaster);
            }

            if (state != ProcessState.Postgres)
            {
                await StartServerAsync(cancellationToken);
                return;
            }

            try
            {
                await ConnectAsync(running!, cancellationToken);
                LogTakenOver(_logger, running!.ProcessId);
                return;
            }
            catch (NpgsqlException starting) when (starting is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow }
                or { InnerException: System.Net.Sockets.SocketException })
            {
                // It is still coming up after a crash, or still going down for the process before us.
                if (_time.GetElapsedTime(started) > s_takeOverPatience)
                {
                    throw new PrivatePostgresException(
                        $"A PostgreSQL (process {running!.ProcessId}) holds {_directory.Database} but does not answer: {starting.Message}", starting);
                }
            }
            catch (NpgsqlException refused)
            {
                throw new PrivatePostgresException(
                    $"A PostgreSQL (process {running!.ProcessId}) holds {_directory.Database} and refuses us: {refused.Message}", refused);
            }

            await Task.Delay(s_takeOverPause, _time, cancellationToken);
        }
    }

    private async Task ConnectAsync(PostmasterFile running, CancellationToken cancellationToken)
    {
        ProcessId = running.ProcessId;
        ConnectionString = ConnectionStringOf(running, _password);
        await using var maintenance = Maintenance();
        await using var connection = await maintenance.OpenConnectionAsync(cancellationToken);
        LogStarted(_logger, running.SocketDirectory.Length > 0 ? running.SocketDirectory : $"127.0.0.1:{running.Port}");
    }

    private static string ConnectionStringOf(PostmasterFile running, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = running.SocketDirectory.Length > 0 ? running.SocketDirectory : "127.0.0.1",
            Port = running.Port,
            Username = UserName,
            Password = password,
            Database = DatabaseName,
        }.ConnectionString;

    /// <summary>The database that every cluster has, for making others. Not pooled: nothing stays connected to it.</summary>
    public string MaintenanceConnectionString =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

    // Its name stands in metrics, where else the connection string would.
    private NpgsqlDataSource Maintenance() => new NpgsqlDataSourceBuilder(MaintenanceConnectionString) { Name = "maintenance" }.Build();

    private async Task EnsureDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var maintenance = Maintenance();
        await using var connection = await maintenance.OpenConnectionAsync(cancellationToken);
        await using var look = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{DatabaseName}'", connection);
        if (await look.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Stops the server, with what it holds in memory on disk. Connections still open are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await StopServerAsync(CancellationToken.None);
        _lock.Dispose();
    }
}
