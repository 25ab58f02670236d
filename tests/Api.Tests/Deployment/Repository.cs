using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmObserve.Api.Tests.Deployment;

/// <summary>Files of the repository that say how the server is run.</summary>
internal static partial class Repository
{
    public static string Folder { get; } = Root();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>Each command line of a file that is written as <c>name: ["a", "b"]</c> or <c>NAME ["a", "b"]</c>.</summary>
    public static IReadOnlyList<string[]> CommandLines(string path, string name) =>
    [
        .. CommandLine().Matches(Read(path))
            .Where(match => match.Groups["name"].Value == name)
            .Select(match => JsonSerializer.Deserialize<string[]>(match.Groups["words"].Value)!),
    ];

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    [GeneratedRegex(@"^\s*(?<name>\w+):?\s+(?<words>\[[^\]]*\])", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommandLine();
}
