using System.Net;
using System.Net.Sockets;

namespace LlmObserve.Storage.Postgres;

// What is done with PostgreSQL's own programs: create, start, stop.
public sealed partial class PrivatePostgres
{
    // The end of the log that a failed start shows.
    private const int LogTailLines = 15;
    private const int LogTailBytes = 16 << 10;

    // A log larger than this is put aside at the next start; one older log is kept.
    private const long LargestLogBytes = 16L << 20;

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var free = new DriveInfo(_directory.Server).AvailableFreeSpace;
        if (free < LeastFreeBytes)
        {
            throw new PrivatePostgresException(
                $"Only {free >> 20} MB are free where {_directory.Server} is, and a new database needs at least {LeastFreeBytes >> 20} MB. " +
                "Free some space or choose another --data directory.");
        }

        LogCreating(_logger, _binaries.Major, _directory.Server);
        if (Directory.Exists(_directory.UnfinishedDatabase))
        {
            Directory.Delete(_directory.UnfinishedDatabase, recursive: true);
        }

        // The server's user reads the password from a file of its own; nothing secret goes onto a command line.
        var passwordFile = Path.Combine(_directory.Server, "password.initial");
        PrivateFiles.Write(passwordFile, _password + "\n");
        await GiveToServerAsync(passwordFile, cancellationToken);
        var created = await Command.RunAsync(
            _user.Command(
                _binaries.InitDb, "-D", _directory.UnfinishedDatabase, "-U", UserName, "--pwfile", passwordFile,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--data-checksums"),
            cancellationToken);
        File.Delete(passwordFile);
        if (!created.Succeeded)
        {
            throw new PrivatePostgresException($"PostgreSQL could not create its database in {_directory.Server}. It says:\n{created.Output}");
        }

        await File.AppendAllTextAsync(
            Path.Combine(_directory.UnfinishedDatabase, "postgresql.conf"), "\ninclude '../settings.conf'\n", cancellationToken);
        // Only a finished cluster gets the name that later starts look for.
        Directory.Move(_directory.UnfinishedDatabase, _directory.Database);
    }

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(Path.Combine(_directory.Database, "pg_hba.conf"), ServerSettings.HostBasedAuthentication, cancellationToken);
        if (File.Exists(_directory.Log) && new FileInfo(_directory.Log).Length > LargestLogBytes)
        {
            File.Move(_directory.Log, _directory.Log + ".1", overwrite: true);
        }

        for (var attempt = 1; ; attempt++)
        {
            int? port = _directory.SocketFits ? null : FreePort();
            await WriteAsync(_directory.Settings, ServerSettings.Text(port, _directory.Server), cancellationToken);
            var logged = File.Exists(_directory.Log) ? new FileInfo(_directory.Log).Length : 0;
            var started = await StartProcessAsync(cancellationToken);
            if (started.Succeeded && PostmasterFile.Read(_directory.Postmaster) is { } running)
            {
                await ConnectAsync(running, cancellationToken);
                return;
            }

            var tail = LogTail(logged);
            if (port is null || attempt == PortTries || !tail.Contains("could not bind", StringComparison.Ordinal))
            {
                var full = tail.Contains("No space left on device", StringComparison.Ordinal) ? " The disk is full." : "";
                throw new PrivatePostgresException(
                    $"PostgreSQL did not start.{full} Its log, {_directory.Log}, ends with:\n{(tail.Length > 0 ? tail : started.Output)}");
            }
        }
    }

    // pg_ctl gives the server a session of its own and waits until it answers.
    private async Task<CommandResult> StartProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Command.RunAsync(
                _user.Command(_binaries.PgCtl, "start", "-D", _directory.Database, "-l", _directory.Log, "-w", "-t", $"{StartSeconds}", "-s"),
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopServerAsync(CancellationToken.None);
            throw;
        }
    }

    private async Task StopServerAsync(CancellationToken cancellationToken)
    {
        var stopped = await Command.RunAsync(
            _user.Command(_binaries.PgCtl, "stop", "-D", _directory.Database, "-m", "fast", "-w", "-t", $"{StopSeconds}", "-s"),
            cancellationToken);
        if (!stopped.Succeeded && File.Exists(_directory.Postmaster))
        {
            LogNotStopped(_logger, stopped.Output);
        }
    }

    private async Task WriteAsync(string path, string content, CancellationToken cancellationToken)
    {
        PrivateFiles.Write(path, content);
        await GiveToServerAsync(path, cancellationToken);
    }

    private async Task GiveToServerAsync(string path, CancellationToken cancellationToken)
    {
        if (_user.IsOther && await Command.RunAsync(["chown", _user.Name!, path], cancellationToken) is { Succeeded: false } failed)
        {
            throw new PrivatePostgresException($"{path} could not be given to user {_user.Name}: {failed.Output}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string LogTail(long from)
    {
        if (!File.Exists(_directory.Log))
        {
            return "";
        }

        using var log = new FileStream(_directory.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = Math.Max(from, log.Length - LogTailBytes);
        using var reader = new StreamReader(log);
        return string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LogTailLines));
    }
}
