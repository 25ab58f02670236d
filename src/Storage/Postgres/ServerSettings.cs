namespace LlmObserve.Storage.Postgres;

/// <summary>The two files that steer the private server; both are written anew at every start.</summary>
internal static class ServerSettings
{
    /// <summary>The port's number where a socket is used: it is only a part of the socket's file name.</summary>
    public const int SocketPort = 5432;

    /// <summary>Who may connect: nobody without the password, nobody from another machine.</summary>
    public const string HostBasedAuthentication =
        """
        local all all scram-sha-256
        host  all all 127.0.0.1/32 scram-sha-256

        """;

    /// <summary>Settings for one machine that the server shares with other programs.</summary>
    /// <param name="port">The loopback port, or null for the socket.</param>
    /// <param name="socketDirectory">Where the socket goes.</param>
    public static string Text(int? port, string socketDirectory) =>
        $"""
        # Written at every start; changes here do not last.
        listen_addresses = '{(port is null ? "" : "127.0.0.1")}'
        port = {port ?? SocketPort}
        unix_socket_directories = '{(port is null ? socketDirectory.Replace("'", "''", StringComparison.Ordinal) : "")}'
        unix_socket_permissions = 0700
        # One pool per process of ours, and room for a person with psql.
        max_connections = 200

        # An acknowledged event has reached the disk.
        fsync = on
        full_page_writes = on
        synchronous_commit = on

        shared_buffers = 256MB
        # Fewer, longer checkpoints: each one makes every page's next change write the whole page.
        max_wal_size = 2GB
        checkpoint_timeout = 15min
        wal_compression = on
        # Disks without a moving head.
        random_page_cost = 1.1
        # Compiling a statement takes longer than any of ours runs.
        jit = off

        timezone = 'UTC'
        log_timezone = 'UTC'
        log_line_prefix = '%m [%p] '
        log_checkpoints = off

        """;
}
