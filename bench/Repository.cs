using System.Diagnostics;
using System.Reflection;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench;

/// <summary>The repository that this program was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The server, built in the same configuration.</summary>
    public static string Server { get; } = InRoot(Metadata("Server"));

    public static string InRoot(string path) => Path.Combine(Root, path);

    /// <summary>The commit that is checked out, with a plus where files differ from it; "unknown" without git.</summary>
    public static async Task<string> CommitAsync(CancellationToken cancellationToken)
    {
        var commit = await GitAsync(["rev-parse", "--short", "HEAD"], cancellationToken);
        // What a run itself writes is no change.
        var changes = await GitAsync(["status", "--porcelain", "--", ".", ":!bench/results"], cancellationToken);
        return commit.Length == 0 ? "unknown" : changes.Length == 0 ? commit : commit + "+";
    }

    private static async Task<string> GitAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var git = Process.Start(Programs.Command("git", ["-C", Root, .. arguments]))!;
            var output = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await git.WaitForExitAsync(cancellationToken);
            return git.ExitCode == 0 ? output.Trim() : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == key).Value!;
}
