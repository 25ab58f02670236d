using System.Text.RegularExpressions;

namespace LlmObserve.Storage.Postgres;

/// <summary>One installation of the PostgreSQL server programs.</summary>
internal sealed partial record PostgresBinaries(string Directory, int Major)
{
    /// <summary>The oldest major version that the migrations are written for.</summary>
    public const int OldestMajor = 15;

    private static readonly string[] s_programs = ["initdb", "pg_ctl", "postgres"];

    // Where distributions and installers put the server programs, which most leave out of PATH. A star stands for one folder.
    private static readonly string[] s_places =
    [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/usr/libexec/postgresql*",
        "/usr/lib/postgresql*/bin",
        "/opt/homebrew/opt/postgresql*/bin",
        "/usr/local/opt/postgresql*/bin",
        "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
        "/usr/local/pgsql/bin",
    ];

    public string InitDb => Path.Combine(Directory, "initdb");

    public string PgCtl => Path.Combine(Directory, "pg_ctl");

    /// <summary>The newest installation, or where <paramref name="dataMajor"/> is given the one that can open such data.</summary>
    public static async Task<PostgresBinaries> FindAsync(int? dataMajor, CancellationToken cancellationToken)
    {
        var found = await FindAllAsync(cancellationToken);
        if (dataMajor is { } major)
        {
            return found.Find(binaries => binaries.Major == major) ?? throw new PrivatePostgresException(
                $"The data was written by PostgreSQL {major}, which is not installed here " +
                $"({(found.Count == 0 ? "no version is" : "found: " + string.Join(", ", found.Select(binaries => binaries.Major)))}). " +
                $"PostgreSQL cannot read another major version's files. {HowToInstall(major)} " +
                "Or move the data with that version's pg_upgrade or pg_dump, or start afresh with another --data directory.");
        }

        var newest = found.MaxBy(binaries => binaries.Major);
        if (newest is null)
        {
            throw new PrivatePostgresException(
                $"No PostgreSQL server programs were found. {HowToInstall(null)} " +
                "Or set ConnectionStrings__LlmObserve to a PostgreSQL of your own.");
        }

        return newest.Major >= OldestMajor ? newest : throw new PrivatePostgresException(
            $"PostgreSQL {newest.Major} is too old: {OldestMajor} or newer is needed. {HowToInstall(null)}");
    }

    private static async Task<List<PostgresBinaries>> FindAllAsync(CancellationToken cancellationToken)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var folders = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(s_places.SelectMany(Expand)).ToList();
        if (await Command.TryRunAsync(["pg_config", "--bindir"], cancellationToken) is { Succeeded: true } config)
        {
            folders.Add(config.Output);
        }

        var found = new List<PostgresBinaries>();
        foreach (var folder in folders.Distinct().Where(folder => s_programs.All(program => File.Exists(Path.Combine(folder, program)))))
        {
            var result = await Command.TryRunAsync([Path.Combine(folder, "postgres"), "--version"], cancellationToken);
            if (result is { Succeeded: true } && VersionPattern().Match(result.Output) is { Success: true } match)
            {
                found.Add(new PostgresBinaries(folder, int.Parse(match.Groups["major"].ValueSpan)));
            }
        }

        return found;
    }

    private static IEnumerable<string> Expand(string place)
    {
        var star = place.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return [place];
        }

        var parentEnd = place.LastIndexOf('/', star);
        var parent = place[..parentEnd];
        var rest = place[(parentEnd + 1)..].Split('/', 2);
        return System.IO.Directory.Exists(parent)
            ? System.IO.Directory.EnumerateDirectories(parent, rest[0]).Select(folder => rest.Length == 2 ? Path.Combine(folder, rest[1]) : folder)
            : [];
    }

    private static string HowToInstall(int? major)
    {
        if (OperatingSystem.IsMacOS())
        {
            return $"Install it with: brew install postgresql@{major ?? 17}.";
        }

        if (File.Exists("/usr/bin/apt-get"))
        {
            return $"Install it with: sudo apt-get install postgresql{(major is null ? "" : $"-{major}")}.";
        }

        return File.Exists("/usr/bin/dnf")
            ? $"Install it with: sudo dnf install postgresql{major}-server."
            : $"Install the PostgreSQL {major ?? OldestMajor} server package of this system{(major is null ? " (or newer)" : "")}.";
    }

    // postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
