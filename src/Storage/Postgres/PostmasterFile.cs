namespace LlmObserve.Storage.Postgres;

/// <summary>What a running server says about itself in <c>postmaster.pid</c>.</summary>
internal sealed record PostmasterFile(int ProcessId, int Port, string SocketDirectory)
{
    // 4711                      process
    // /data/postgres/server/db  data directory
    // 1763716000                start, Unix seconds
    // 5432                      port
    // /data/postgres/server     first socket directory, empty without one
    // 127.0.0.1                 first listen address, empty without one
    private const int PortLine = 3;
    private const int SocketLine = 4;

    /// <summary>Null where no server has written it, or not all of it yet.</summary>
    public static PostmasterFile? Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return null;
        }

        return lines.Length > SocketLine && int.TryParse(lines[0], out var process) && int.TryParse(lines[PortLine], out var port)
            ? new PostmasterFile(process, port, lines[SocketLine].Trim())
            : null;
    }

    /// <summary>Whether that process is alive and is a PostgreSQL: after a reboot its number may belong to anything.</summary>
    public async Task<ProcessState> StateAsync(CancellationToken cancellationToken)
    {
        string command;
        if (Directory.Exists("/proc/self"))
        {
            try
            {
                command = await File.ReadAllTextAsync($"/proc/{ProcessId}/cmdline", cancellationToken);
            }
            catch (IOException)
            {
                return ProcessState.Gone;
            }
        }
        else
        {
            var listing = await Command.RunAsync(["ps", "-p", $"{ProcessId}", "-o", "command="], cancellationToken);
            if (!listing.Succeeded)
            {
                return ProcessState.Gone;
            }

            command = listing.Output;
        }

        return command.Contains("postgres", StringComparison.Ordinal) ? ProcessState.Postgres : ProcessState.Other;
    }
}

/// <summary>What became of a process that once was the server.</summary>
internal enum ProcessState
{
    Gone,
    Postgres,
    Other,
}
