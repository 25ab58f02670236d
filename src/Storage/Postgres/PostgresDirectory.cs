namespace LlmObserve.Storage.Postgres;

/// <summary>
/// Where the private server keeps what. <c>DATA/postgres</c> is ours: the lock, the password, and where the server's own directory is.
/// That one (<c>DATA/postgres/server</c>) belongs to the server's user and holds the database, the socket and the log.
/// </summary>
internal sealed record PostgresDirectory(string Own, string Server)
{
    // Room in a socket's address is 104 bytes on macOS and 108 on Linux, with the name and a final NUL.
    private const int LongestSocketPath = 100;

    // For root, whose home other users cannot enter.
    private const string Elsewhere = "/var/lib/llmobserve";

    public string Password => Path.Combine(Own, "password");

    public string Lock => Path.Combine(Own, "lock");

    public string Location => Path.Combine(Own, "location");

    public string Database => Path.Combine(Server, "db");

    public string UnfinishedDatabase => Path.Combine(Server, "db.unfinished");

    public string Settings => Path.Combine(Server, "settings.conf");

    public string Log => Path.Combine(Server, "postgres.log");

    public string Postmaster => Path.Combine(Database, "postmaster.pid");

    public bool SocketFits =>
        System.Text.Encoding.UTF8.GetByteCount(Path.Combine(Server, $".s.PGSQL.{ServerSettings.SocketPort}.lock")) <= LongestSocketPath
        && !Server.Contains(',', StringComparison.Ordinal);

    /// <summary>The major version that wrote the database, or null before there is one.</summary>
    public int? DataMajor()
    {
        var file = Path.Combine(Database, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), out var major) ? major : null;
    }

    public static PostgresDirectory At(string dataDirectory)
    {
        var root = Environment.IsPrivilegedProcess;
        var data = Path.GetFullPath(dataDirectory);
        var own = Path.Combine(data, "postgres");
        PrivateFiles.CreateDirectory(data, passThrough: root);
        PrivateFiles.CreateDirectory(own, passThrough: root);
        var location = Path.Combine(own, "location");
        return new PostgresDirectory(own, File.Exists(location) ? File.ReadAllText(location).Trim() : Path.Combine(own, "server"));
    }

    /// <summary>
    /// Makes the server's directory for <paramref name="user"/>. Where that user cannot reach it (root's home), it goes under
    /// <c>/var/lib/llmobserve</c>, and a file says so.
    /// </summary>
    public async Task<PostgresDirectory> PrepareAsync(ServerUser user, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateDirectory(Server);
        if (!user.IsOther || await GiveAsync(Server, user, cancellationToken))
        {
            return this;
        }

        if (DataMajor() is not null)
        {
            throw new PrivatePostgresException(
                $"PostgreSQL runs as user {user.Name} here, who can no longer reach its data in {Server}: a directory above it is closed.");
        }

        Directory.Delete(Server, recursive: true);
        PrivateFiles.CreateDirectory(Elsewhere, passThrough: true);
        var moved = this with { Server = Path.Combine(Elsewhere, Guid.NewGuid().ToString("N")) };
        PrivateFiles.CreateDirectory(moved.Server);
        if (!await GiveAsync(moved.Server, user, cancellationToken))
        {
            throw new PrivatePostgresException(
                $"PostgreSQL runs as user {user.Name} here, who can reach neither {Server} nor {moved.Server}. Choose another --data directory.");
        }

        PrivateFiles.Write(Location, moved.Server + "\n");
        return moved;
    }

    private static async Task<bool> GiveAsync(string path, ServerUser user, CancellationToken cancellationToken)
    {
        var given = await Command.RunAsync(["chown", "-R", user.Name!, path], cancellationToken);
        return given.Succeeded && (await Command.RunAsync(user.Command("test", "-w", path), cancellationToken)).Succeeded;
    }
}
