namespace LlmObserve.Storage.Postgres;

/// <summary>
/// Who runs the server. Normally that is whoever runs us and <see cref="Prefix"/> is empty; PostgreSQL refuses root, so for root
/// it is an unprivileged user, reached by putting <see cref="Prefix"/> before a command.
/// </summary>
internal sealed record ServerUser(string? Name, IReadOnlyList<string> Prefix)
{
    // The user that a distribution's PostgreSQL package makes, then the one that every system has.
    private static readonly string[] s_candidates = ["postgres", "_postgres", "nobody"];

    public bool IsOther => Name is not null;

    /// <summary>Picks the user. Data that exists already stays with its owner.</summary>
    public static async Task<ServerUser> FindAsync(string serverDirectory, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerUser(null, []);
        }

        var owner = Directory.Exists(serverDirectory) ? await OwnerAsync(serverDirectory, cancellationToken) : null;
        foreach (var name in owner is null or "0" ? s_candidates : [owner])
        {
            if (await IdAsync(name, cancellationToken) is { } id && await PrefixAsync(name, id, cancellationToken) is { } prefix)
            {
                return new ServerUser(name, prefix);
            }
        }

        throw new PrivatePostgresException(
            "PostgreSQL does not run as root, and no unprivileged user could be taken for it. Start this as an ordinary user, or make a " +
            "system user named postgres (and have setpriv, runuser or sudo installed).");
    }

    public IReadOnlyList<string> Command(params string[] command) => [.. Prefix, .. command];

    private static async Task<(string User, string Group)?> IdAsync(string name, CancellationToken cancellationToken)
    {
        // A number stands for itself: the owner of existing data need not have a name on this machine.
        var user = await Postgres.Command.TryRunAsync(["id", "-u", name], cancellationToken);
        var group = await Postgres.Command.TryRunAsync(["id", "-g", name], cancellationToken);
        return user is { Succeeded: true } && group is { Succeeded: true } ? (user.Output, group.Output)
            : int.TryParse(name, out _) ? (name, name)
            : null;
    }

    private static async Task<IReadOnlyList<string>?> PrefixAsync(
        string name, (string User, string Group) id, CancellationToken cancellationToken)
    {
        string[][] ways =
        [
            ["setpriv", $"--reuid={id.User}", $"--regid={id.Group}", "--clear-groups", "--"],
            ["runuser", "-u", name, "--"],
            ["sudo", "-n", "-u", int.TryParse(name, out _) ? $"#{name}" : name, "--"],
        ];
        foreach (var way in ways)
        {
            if (await Postgres.Command.TryRunAsync([.. way, "true"], cancellationToken) is { Succeeded: true })
            {
                return way;
            }
        }

        return null;
    }

    private static async Task<string?> OwnerAsync(string path, CancellationToken cancellationToken)
    {
        // drwx------ 2 101 104 4096 Jan  1 00:00 /path   (the one form that Linux and macOS share)
        var listing = await Postgres.Command.RunAsync(["ls", "-ldn", path], cancellationToken);
        return listing.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2);
    }
}
